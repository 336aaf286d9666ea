import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { databaseLocked } from '../../core/problems/database.ts';
import { isThere } from '../../files/if-there.ts';
import { realPath } from '../real-path.ts';
import type { Access } from './database.ts';
import type { Session } from './driver.ts';
import { openFolder, sessionIn } from './pglite-driver.ts';

interface Open {
  readonly db: Promise<PGlite>;
  users: number;
  /** Ends what nobody uses. */
  timer?: NodeJS.Timeout;
}

/** Folders that are open in this process: a folder is opened once, and each waits for its turn. */
const open = new Map<string, Open>();
/** Folders that are being let go of. */
const closing = new Map<string, Promise<void>>();

/** To open one takes as long as many questions, and until it is closed nobody else can. In milliseconds. */
const KEPT_OPEN = 300;

/** A database of PGlite's. It is opened when it is asked something. */
export function inFolder(folder: string, wait: number): Access {
  return {
    label: folder,
    get id() {
      return `pglite:${realPath(folder)}`;
    },
    scope: {},
    connect: () => turnIn(folder, wait),
    isThere: () => isThere(join(folder, 'PG_VERSION')),
    wait,
    async close() {
      const path = realPath(folder);
      const entry = open.get(path);
      if (entry?.users === 0) shut(path, entry);
      await closing.get(path);
    },
  };
}

async function turnIn(folder: string, wait: number): Promise<Session> {
  const path = realPath(folder);
  await closing.get(path);
  const entry = open.get(path) ?? opened(path, folder);
  entry.users++;
  clearTimeout(entry.timer);
  const leave = () => {
    if (--entry.users === 0 && open.get(path) === entry) entry.timer = setTimeout(shut, KEPT_OPEN, path, entry);
  };
  try {
    const session = await inTime(sessionIn(await entry.db), wait);
    if (session === undefined) throw databaseLocked(folder)();
    let ending: Promise<void> | undefined;
    return {
      ...session,
      close() {
        ending ??= session.close().then(leave);
        return ending;
      },
    };
  } catch (error) {
    leave();
    throw error;
  }
}

function opened(path: string, folder: string): Open {
  const entry: Open = { db: openFolder(path, folder), users: 0 };
  open.set(path, entry);
  // What could not be opened may be the next time.
  entry.db.catch(() => open.delete(path));
  return entry;
}

function shut(path: string, entry: Open): void {
  clearTimeout(entry.timer);
  open.delete(path);
  const ended = entry.db
    .then((db) => db.close())
    .catch(() => {})
    .then(() => void closing.delete(path));
  closing.set(path, ended);
}

/** Undefined where it takes too long; what comes later is let go of at once. */
async function inTime(turn: Promise<Session>, wait: number): Promise<Session | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, wait, undefined);
  });
  const first = await Promise.race([turn, late]);
  clearTimeout(timer);
  if (first === undefined) void turn.then((session) => session.close());
  return first;
}
