import type { Stats } from 'node:fs';
import { settledMtime } from '../core/file-line.ts';
import { isOfThisMachine } from './file-system.ts';

/** What a file looks like from outside. */
export interface FileLook {
  readonly mode: number;
  readonly mtime: number;
  /** Changes when somebody writes to it; undefined where that was so lately that another change might not show. */
  readonly mark: string | undefined;
}

/** A change within so long after another may leave a file's times as they are. */
const FRESH_MS = 2000;
/** The same where another machine's clock makes the times: it may be behind ours. */
const FRESH_ELSEWHERE_MS = 60 * 60 * 1000;

/** Since when a file that was written to may have been written to again. */
export type FreshSince = number;

/** For whoever compares with what was found long enough after: nothing was written lately. */
export const LATER: FreshSince = Number.POSITIVE_INFINITY;

/** Of what lies in a folder. */
export const freshSince = (folder: string, now: Date): FreshSince =>
  now.getTime() - (hasOurClock(folder) ? FRESH_MS : FRESH_ELSEWHERE_MS);

const hasOurClock = (folder: string): boolean => process.platform !== 'linux' || isOfThisMachine(folder);

export const lookOf = (stat: Stats, since: FreshSince): FileLook => ({
  mode: stat.mode & 0o777,
  mtime: settledMtime(stat.mtimeMs),
  mark: stat.mtimeMs > since || stat.ctimeMs > since ? undefined : markOf(stat),
});

/** Whoever sets a file's time back cannot set back when that was done. Times are in milliseconds with what is left of a nanosecond. */
export const markOf = ({ ino, size, mtimeMs, ctimeMs }: Stats): string => `${ino}:${size}:${mtimeMs}:${ctimeMs}`;
