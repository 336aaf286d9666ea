import { resolve } from 'node:path';
import { identityIn } from '../core/identity.ts';
import { addressUnsaid, keptBelow, noDatabaseGiven, severalDatabases } from '../core/problems/usage.ts';
import { realPath } from '../files/real-path.ts';
import { insideOf } from '../local/place.ts';
import { readCatalog } from '../operations/catalog.ts';
import type { ReadableStore } from '../stores/store.ts';
import { beginningOf, databasesHere, isDatabaseFile, onlyOneByName, projectsHere } from './databases-here.ts';
import { fromHere } from './from-here.ts';
import { startedIn } from './package-manager.ts';

interface Place {
  readonly root: string;
  readonly cwd: string;
  readonly store: ReadableStore;
}

/**
 * The one database in the usual places. Where there is none (a host forgot it) or more than one, the newest backup knows which
 * it is of. Throws USAGE where that does not settle it.
 */
export async function findDatabase({ root, cwd, store }: Place): Promise<string> {
  const named = onlyOneByName(root);
  if (named !== undefined) return named;
  const found = databasesHere(root);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const { entries } = await readCatalog(store);
  const saved = entries[0]?.metadata.database;
  if (
    saved !== undefined &&
    insideOf(root, resolve(root, saved)) === saved &&
    mayBeDatabase(root, resolve(root, saved))
  )
    return resolve(root, saved);
  const newest = entries[0]?.metadata;
  if (only === undefined && newest !== undefined && saved === undefined)
    throw addressUnsaid(identityIn(newest)?.name ?? 'a database')();
  const below = only === undefined ? projectsHere(root) : [];
  const [first] = below;
  if (first !== undefined)
    throw keptBelow(below.map((folder) => fromHere(cwd, folder)).join(', '), fromHere(cwd, first), startedIn(first))();
  if (only === undefined) throw noDatabaseGiven()();
  throw severalDatabases(found.map((file) => fromHere(cwd, file)).join(', '), fromHere(cwd, only))();
}

/**
 * Whether a file may be taken for a database that a backup names, or anything else that a branch can bring: it is not to lead out of the
 * project, through a link either, nor to a file that is something else, such as git's own files or an app's code.
 */
export function mayBeDatabase(root: string, path: string): boolean {
  return (beginningOf(path) === '' || isDatabaseFile(path)) && liesWhereDatabasesDo(root, path);
}

export function liesWhereDatabasesDo(root: string, path: string): boolean {
  if (!insideOf(root, path)) return false;
  const real = insideOf(realPath(root), realPath(path)) ?? '.';
  return !real.split('/').some((step) => NOT_FOR_DATABASES.test(step));
}

/** Of the hidden folders, frameworks keep databases in these alone. */
const NOT_FOR_DATABASES = /^\.(?!(data|tmp)$)|^node_modules$/;
