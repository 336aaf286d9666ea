import { constants } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { writeProblem } from '../core/write-problem.ts';
import { localPath, makeLocalFolder } from '../local/place.ts';

/** One thing that somebody did or tried. */
export interface AuditEntry {
  readonly time: string;
  readonly who: string;
  readonly action: string;
  readonly about: string;
  readonly outcome: 'begun' | 'done' | 'failed' | 'cancelled' | 'refused';
  readonly code?: string;
}

/** Strangers can fill the one, so they have it for themselves. */
const FILES = ['audit.log', 'refused.log'] as const;
const isOfStranger = ({ who, outcome }: AuditEntry) => who === 'nobody' && outcome === 'refused';
/** Neither a link nor a pipe in a log's place is written to or waited for. */
const { O_RDONLY, O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
const LARGEST = 8 * 1024 * 1024;

/**
 * Adds a line to the log. A file that is full gives way to a new one and is kept beside it. Throws DISK_FULL or NOT_WRITABLE: what
 * cannot be noted is not done.
 */
export async function note(local: string, entry: AuditEntry): Promise<void> {
  makeLocalFolder(local);
  const file = localPath(local, isOfStranger(entry) ? 'refused.log' : 'audit.log');
  try {
    if ((await sizeOf(file)) > LARGEST) await rename(file, `${file}.old`);
    const handle = await open(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    try {
      await handle.appendFile(`${JSON.stringify(entry)}\n`);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw writeProblem(file, error);
  }
}

const sizeOf = (file: string) =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

const TAIL_BYTES = 64 * 1024;

/** The last entries, newest first. Lines that cannot be read are passed over. */
export async function lastEntries(local: string, most: number): Promise<AuditEntry[]> {
  const all = await Promise.all(FILES.map((file) => tailOf(localPath(local, file))));
  return all
    .flat()
    .sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0))
    .slice(0, most);
}

async function tailOf(file: string): Promise<AuditEntry[]> {
  const size = await sizeOf(file);
  if (size === 0) return [];
  const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) return [];
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').reverse().flatMap(entryOf);
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
