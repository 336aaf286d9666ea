import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseOpen } from '../../core/problems/database.ts';

const PROCESSES = '/proc';
const ASK_AGAIN = 50;

/**
 * Waits until no other process has the file open. SQLite cannot tell: outside WAL mode a connection that does nothing holds no
 * lock, and would go on writing into the file that was replaced, where nobody ever looks. Linux can, as far as the processes are ours to
 * see; elsewhere nothing is found. Throws DATABASE_LOCKED after `wait` milliseconds.
 */
export async function untilClosedElsewhere(file: string, wait: number): Promise<void> {
  const giveUpAt = performance.now() + wait;
  for (;;) {
    const [first] = holdersOf(file);
    if (first === undefined) return;
    if (performance.now() >= giveUpAt) throw databaseOpen(file, first)();
    await sleep(ASK_AGAIN);
  }
}

/** The other processes that have a file open, in words. */
function holdersOf(file: string): string[] {
  const wanted = statSync(file, { throwIfNoEntry: false });
  if (wanted === undefined) return [];
  return entriesOf(PROCESSES)
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => {
      const folder = join(PROCESSES, pid, 'fd');
      return entriesOf(folder).some((each) => {
        const open = statOf(join(folder, each));
        return open !== undefined && open.ino === wanted.ino && open.dev === wanted.dev;
      });
    })
    .map((pid) => `${nameOf(pid)} (process ${pid})`);
}

/** A process may end while it is looked at, and others are not ours to see. */
function maybe<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

const entriesOf = (folder: string) => maybe(() => readdirSync(folder)) ?? [];
const statOf = (path: string) => maybe(() => statSync(path));
/** Newer Nodes call themselves by the name of their thread. */
const nameOf = (pid: string) =>
  maybe(() =>
    readFileSync(join(PROCESSES, pid, 'comm'), 'utf8')
      .trim()
      .replace(/-MainThread$/, ''),
  ) ?? 'a process';
