import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { noDatabaseGiven, severalDatabases } from '../core/problems/usage.ts';
import { realPath } from '../engines/real-path.ts';
import { insideOf } from '../local/place.ts';
import { readCatalog } from '../operations/catalog.ts';
import type { ReadableStore } from '../stores/store.ts';

const USUAL_FOLDERS = ['.', 'data', 'db', 'database', 'prisma', 'var', 'storage'];
const DATABASE_FILE = /\.(db|db3|sqlite|sqlite3)$/i;

/**
 * The one database in the usual places. Where there is none (a host forgot it) or more than one, the newest backup knows which
 * it is of. Throws USAGE where that does not settle it.
 */
export async function findDatabase(root: string, store: ReadableStore): Promise<string> {
  const found = USUAL_FOLDERS.map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => filesIn(folder).map((file) => join(folder, file)));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const { entries } = await readCatalog(store);
  const saved = entries[0]?.metadata.database;
  if (saved !== undefined && mayBeDatabase(root, saved)) return resolve(root, saved);
  if (only === undefined) throw noDatabaseGiven()();
  throw severalDatabases(found.map((file) => relative(root, file)).join(', '))();
}

/**
 * What a backup says is not to lead out of the project, through a link either, nor to a file that is something else: git's own
 * files, an app's code.
 */
function mayBeDatabase(root: string, saved: string): boolean {
  const path = resolve(root, saved);
  if (insideOf(root, path) !== saved || saved === '') return false;
  const real = insideOf(realPath(root), realPath(path)) ?? '.';
  if (real.split('/').some((step) => step.startsWith('.') || step === 'node_modules')) return false;
  return beginningOf(path) === '' || beginningOf(path) === SQLITE;
}

const SQLITE = 'SQLite format 3\0';

/** The first bytes of a file, empty where there is none; undefined for what is no file. */
function beginningOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return '';
  if (!stat.isFile()) return undefined;
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(SQLITE.length);
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && DATABASE_FILE.test(entry.name))
    .map((entry) => entry.name);
}
