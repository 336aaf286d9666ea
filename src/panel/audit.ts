import { appendFile, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeProblem } from '../core/write-problem.ts';
import { makeLocalFolder } from '../local/place.ts';

/** One thing that somebody did or tried. */
export interface AuditEntry {
  readonly time: string;
  readonly who: string;
  readonly action: string;
  readonly about: string;
  readonly outcome: 'begun' | 'done' | 'failed' | 'cancelled' | 'refused';
  readonly code?: string;
}

const fileOf = (local: string) => join(local, 'audit.log');

/** Adds a line to the log. It is only ever added to. Throws DISK_FULL or NOT_WRITABLE: what cannot be noted is not done. */
export async function note(local: string, entry: AuditEntry): Promise<void> {
  const file = fileOf(makeLocalFolder(local));
  try {
    await appendFile(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  } catch (error) {
    throw writeProblem(file, error);
  }
}

const TAIL_BYTES = 64 * 1024;

/** The last entries, newest first. Lines that cannot be read are passed over. */
export async function lastEntries(local: string, most: number): Promise<AuditEntry[]> {
  const file = fileOf(local);
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return [];
  const handle = await open(file, 'r');
  try {
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n');
    return lines.reverse().flatMap(entryOf).slice(0, most);
  } finally {
    await handle.close();
  }
}

const OUTCOMES: readonly AuditEntry['outcome'][] = ['begun', 'done', 'failed', 'cancelled', 'refused'];

function entryOf(line: string): AuditEntry[] {
  try {
    const { time, who, action, about, outcome, code }: Record<string, unknown> = JSON.parse(line);
    const found = OUTCOMES.find((each) => each === outcome);
    if (found === undefined) return [];
    const entry = {
      time: String(time),
      who: String(who),
      action: String(action),
      about: String(about),
      outcome: found,
    };
    return [code === undefined ? entry : { ...entry, code: String(code) }];
  } catch {
    return [];
  }
}
