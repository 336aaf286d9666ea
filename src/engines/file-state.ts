import { type BigIntStats, statSync } from 'node:fs';
import { realPath } from '../files/real-path.ts';
import type { FileSeen } from './engine.ts';

/** A write within the same tick of the clock as the last look would leave no trace. */
const TICK_MS = 20;

/**
 * What tells whether anybody wrote since to a database that is a file, with others beside it whose names end so. It opens none of them:
 * closing a file lets go of the locks that SQLite holds on it in this process. Undefined where one was written only just now, or they
 * cannot be looked at.
 */
export function fileFingerprint(path: string, besides: readonly string[]): string | undefined {
  try {
    const { file, others } = look(path, besides);
    const now = Date.now();
    const isFresh = [file, ...others].some((stat) => stat && Math.abs(now - Number(stat.mtimeMs)) < TICK_MS);
    return file === undefined || isFresh ? undefined : [file, ...others].map(markOf).join(' ');
  } catch {
    return undefined;
  }
}

/** Whoever sets a file's time back cannot set back when that was done. */
const markOf = (stat: BigIntStats | undefined) =>
  stat === undefined ? '-' : `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;

/** How large it is, and when it was last written to: what was written last may be beside it. */
export function fileSeen(path: string, besides: readonly string[]): FileSeen | undefined {
  const { file, others } = look(path, besides);
  if (file === undefined) return undefined;
  const times = [file, ...others].flatMap((stat) => (stat === undefined ? [] : [Number(stat.mtimeMs)]));
  return { bytes: Number(file.size), modified: new Date(Math.max(...times)) };
}

function look(path: string, besides: readonly string[]) {
  const real = realPath(path);
  const statOf = (end: string) => statSync(real + end, { bigint: true, throwIfNoEntry: false });
  // An empty one beside it says nothing.
  const others = besides.map(statOf).map((stat) => (stat?.size === 0n ? undefined : stat));
  return { file: statOf(''), others };
}
