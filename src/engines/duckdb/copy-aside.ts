import { constants, rmSync, statSync } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { OverwinterError } from '../../core/errors.ts';
import { isThere } from '../../files/if-there.ts';
import { duckdbProblem } from './duckdb-problem.ts';
import { type Db, inTurn, openFile, openOriginal } from './open.ts';

/** What DuckDB keeps beside a file: what is not in it yet, and what a checkpoint that was cut off left. */
export const SIDE_FILES = ['.wal', '.wal.checkpoint', '.wal.recovery'] as const;

export function removeFiles(file: string): void {
  for (const end of [...SIDE_FILES, '']) rmSync(file + end, { force: true });
}

/** Another one says that somebody wrote. */
export const markOf = (path: string): string =>
  ['', ...SIDE_FILES]
    .map((end) => statSync(path + end, { bigint: true, throwIfNoEntry: false }))
    .map((stat) => (stat === undefined || stat.size === 0n ? '-' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`))
    .join(' ');

const ASK_AGAIN = 50;

/** The same work again and again until nobody else has the database open, or the time is up. */
export async function patiently<T>(wait: number, work: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + wait;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isHeld = error instanceof OverwinterError && error.code === 'DATABASE_LOCKED';
      if (!isHeld || performance.now() >= giveUpAt) throw error;
      await sleep(ASK_AGAIN);
    }
  }
}

/**
 * Copies a database, with what lies beside it, while nobody can write to it: so the app has to wait for its start no longer than
 * that. Our own lock goes with the end of the copy, since closing a file lets go of all locks of a process on it; that is why the file itself
 * comes last. Returns the mark of what was copied.
 */
export async function copyAside(path: string, label: string, target: string, wait: number): Promise<string> {
  return inTurn(path, async () => {
    const held = await patiently(wait, () => openOriginal(path, { label, write: false }));
    try {
      const mark = markOf(path);
      removeFiles(target);
      for (const end of [...SIDE_FILES, '']) {
        if (!isThere(path + end)) continue;
        await copyFile(path + end, target + end, constants.COPYFILE_FICLONE);
        await chmod(target + end, 0o600);
      }
      return mark;
    } catch (error) {
      removeFiles(target);
      throw duckdbProblem(label, error);
    } finally {
      held.close();
    }
  });
}

/** A database whose file is ours alone. */
export const openCopy = (file: string, label: string, catalog: string, folder: string, write: boolean): Promise<Db> =>
  openFile(file, { label, catalog, write, folder });
