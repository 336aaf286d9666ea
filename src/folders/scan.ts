import { createHash, type Hash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { size } from '../core/words.ts';
import { lstatIfThere } from '../files/if-there.ts';
import { type FileLook, type FreshSince, freshSince, lookOf, markOf } from './look.ts';
import { walkFolders } from './walk.ts';
import type { WantedFiles } from './wanted.ts';

/** A plain file in one of the folders. */
export interface FoundFile extends FileLook {
  /** The folder's name and the path inside it, with slashes. */
  readonly path: string;
  /** Where it lies. */
  readonly file: string;
  readonly bytes: number;
}

/** Something in a folder that no backup can hold, and why, as the end of a sentence. */
export interface LeftOutFile {
  readonly path: string;
  readonly why: string;
}

export interface Scan {
  /** In the order of their paths. */
  readonly files: readonly FoundFile[];
  readonly leftOut: readonly LeftOutFile[];
  /** The names of folders that are not there at all. */
  readonly missing: readonly string[];
  /** What was written to since may be written to again without a trace. */
  readonly since: FreshSince;
}

/** What lies in the folders: every plain file, and what is passed over. Throws as `walkFolders` does. */
export function scanFolders(wanted: WantedFiles, now: Date): Scan {
  const files: FoundFile[] = [];
  const leftOut: LeftOutFile[] = [];
  const missing: string[] = [];
  const since = Math.min(...wanted.folders.map(({ path }) => freshSince(path, now)));
  walkFolders(wanted, {
    onFile(path, file, stat) {
      if (stat.size > wanted.largest) leftOut.push(tooLarge(path, stat, wanted));
      else files.push({ path, file, bytes: stat.size, ...lookOf(stat, since) });
    },
    onOther: (path, why) => leftOut.push({ path, why }),
    onMissing: (name) => missing.push(name),
  });
  return { files, leftOut, missing, since };
}

const tooLarge = (path: string, stat: Stats, { largest }: WantedFiles): LeftOutFile => ({
  path,
  why: `has ${size(stat.size)}, and files of at most ${size(largest)} are saved (fileLimits)`,
});

/** One mark for all that was found; undefined where something was written so lately that another change might not show. */
export function markOfScan({ files, leftOut, missing }: Scan): string | undefined {
  const sum = summing();
  for (const { path, mode, mark } of files) {
    if (mark === undefined) return undefined;
    sum.add(path, mode, mark);
  }
  return sum.with(leftOut, missing);
}

/**
 * The same of what lies in the folders now, for whoever compares with what was found long enough before. Nothing is kept of the files: to hold
 * thousands takes longer than to look at them.
 */
export function markOfFolders(wanted: WantedFiles): string {
  const sum = summing();
  const leftOut: LeftOutFile[] = [];
  const missing: string[] = [];
  walkFolders(wanted, {
    onFile(path, _, stat) {
      if (stat.size > wanted.largest) leftOut.push(tooLarge(path, stat, wanted));
      else sum.add(path, stat.mode & 0o777, markOf(stat));
    },
    onOther: (path, why) => leftOut.push({ path, why }),
    onMissing: (name) => missing.push(name),
  });
  return sum.with(leftOut, missing);
}

/** Some files or folders, and what they looked like. */
export type Lately = readonly (readonly [path: string, mark: string])[];

const FEW = 8;

/**
 * The files that were written to last, and the folders they lie in. What changes next is often one of them, so whoever looks at these first need
 * not look at thousands to learn that something changed; that nothing did, they do not say.
 */
export function writtenLast({ files }: Scan): Lately {
  const when = ({ mark = '' }: FoundFile) => Number(mark.slice(mark.lastIndexOf(':') + 1));
  const last: FoundFile[] = [];
  for (const file of files) {
    const oldest = last.at(-1);
    if (last.length === FEW && oldest !== undefined && when(file) <= when(oldest)) continue;
    last.push(file);
    last.sort((a, b) => when(b) - when(a)).splice(FEW);
  }
  const paths = new Set(last.flatMap(({ file }) => [file, dirname(file)]));
  return [...paths].map((path) => [path, lookAt(path)] as const);
}

/** Whether one of them is not as it was. */
export const isAnother = (lately: Lately): boolean => lately.some(([path, mark]) => lookAt(path) !== mark);

function lookAt(path: string): string {
  const found = lstatIfThere(path);
  return found === undefined ? 'gone' : markOf(found);
}

const HASHED_AT_ONCE = 16 * 1024;

function summing() {
  const hash: Hash = createHash('sha1');
  let text = '';
  return {
    add(path: string, mode: number, mark: string): void {
      text += `${path}\0${mode}\0${mark}\n`;
      if (text.length < HASHED_AT_ONCE) return;
      hash.update(text);
      text = '';
    },
    with: (leftOut: readonly LeftOutFile[], missing: readonly string[]): string =>
      hash
        .update(text)
        .update(JSON.stringify([leftOut, missing]))
        .digest('hex'),
  };
}
