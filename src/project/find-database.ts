import { relative, resolve } from 'node:path';
import { noDatabaseGiven, severalDatabases } from '../core/problems/usage.ts';
import { realPath } from '../engines/real-path.ts';
import { insideOf } from '../local/place.ts';
import { readCatalog } from '../operations/catalog.ts';
import type { ReadableStore } from '../stores/store.ts';
import { beginningOf, databasesHere, onlyOneByName, SQLITE } from './databases-here.ts';

/**
 * The one database in the usual places. Where there is none (a host forgot it) or more than one, the newest backup knows which
 * it is of. Throws USAGE where that does not settle it.
 */
export async function findDatabase(root: string, store: ReadableStore): Promise<string> {
  const named = onlyOneByName(root);
  if (named !== undefined) return named;
  const found = databasesHere(root);
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
