import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { folderInTheWay } from '../../core/problems/database.ts';
import { isThere, namesIn } from '../../files/if-there.ts';
import { realPath } from '../../files/real-path.ts';
import type { Access } from './database.ts';
import type { Session } from './driver.ts';
import { openFolder, sessionsIn } from './pglite-driver.ts';

interface Open {
  readonly db: Promise<PGlite>;
  readonly begin: Promise<() => Session>;
  users: number;
  /** Ends what nobody uses. */
  timer?: NodeJS.Timeout;
}

/** Folders that are open in this process: a folder is opened once. */
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
    connect: () => sessionWith(folder),
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

async function sessionWith(folder: string): Promise<Session> {
  const path = realPath(folder);
  await closing.get(path);
  // It is made where there is none, in two dozen files: not among somebody's own.
  if (!isThere(join(folder, 'PG_VERSION')) && namesIn(folder).length > 0) throw folderInTheWay(folder)();
  const entry = open.get(path) ?? opened(path, folder);
  entry.users++;
  clearTimeout(entry.timer);
  const leave = () => {
    if (--entry.users === 0 && open.get(path) === entry) entry.timer = setTimeout(shut, KEPT_OPEN, path, entry);
  };
  try {
    const session = (await entry.begin)();
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
  const db = openFolder(path, folder);
  const entry: Open = { db, begin: db.then(sessionsIn), users: 0 };
  open.set(path, entry);
  // What could not be opened may be the next time.
  entry.begin.catch(() => open.delete(path));
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
