import type { OverwinterError } from '../core/errors.ts';
import { type Identity, identityInWords, isSameDatabase } from '../core/identity.ts';
import type { Manifest } from '../core/manifest.ts';
import { copyOfAnother, rowsOfAnother } from '../core/problems/another-database.ts';
import { strangeAmong } from '../core/stranger.ts';
import { countRows } from '../engines/codec.ts';
import type { Database } from '../engines/engine.ts';
import { rowsByTable } from '../format/rows-by-table.ts';
import { lineageOf } from '../local/lineage.ts';
import type { ReadableStore } from '../stores/store.ts';
import { type Entry, openBackup, readCatalog } from './catalog.ts';
import { contentsOf, type Read } from './loss.ts';
import { newestWhole } from './newest.ts';
import type { Project } from './project.ts';

/**
 * A runner's copy is of whatever database the backups before it are of, and nothing but its tables can tell that it is not. Throws
 * ANOTHER_DATABASE where most of them are unknown to the newest backup, and most of the backup's are missing. One that is where
 * the configuration has it, or where the backups say, is no copy.
 */
export async function copyMustLookFamiliar(
  copy: Project,
  expected: Identity,
  newest: Entry | undefined,
  store: ReadableStore,
): Promise<void> {
  if (newest === undefined || isSameDatabase(copy.identity, expected)) return;
  const before = await contentsOf(copy, store, await openBackup(store, newest.name));
  const strange = before && strangeTo(await tablesOf(copy.database), copy.database, before.manifest);
  if (strange !== undefined) throw copyOfAnother(copy.database.label, identityInWords(expected), strange)();
}

/**
 * A variable names a database wherever it is called the same, and a wrong one names another app's. Throws ANOTHER_DATABASE where what is
 * about to be saved looks like one that no backup here is of. One that lies where the project says, or that was saved or restored here before,
 * is certain: then its tables were made anew.
 */
export function savedMustLookFamiliar(project: Project, read: Read, newest: Manifest | undefined): void {
  const { identity, database, local } = project;
  if (newest === undefined || identity.path !== undefined || lineageOf(local, database.id) !== undefined) return;
  const strange = strangeTo(countedIn(database, read.schema), database, newest);
  if (strange !== undefined) throw rowsOfAnother(database.label, strange)();
}

/**
 * The same for what is about to be replaced, and here nothing is certain: rows that no backup knows would go. Throws ANOTHER_DATABASE
 * where the database looks like another than the one that this backup is of, and than the one that the newest is of.
 */
export async function replacedMustLookFamiliar(
  project: Project,
  manifest: Manifest,
  store: ReadableStore,
  refusal: (db: string, strange: number) => OverwinterError,
): Promise<void> {
  const { database } = project;
  const found = await tablesOf(database);
  const strange = strangeTo(found, database, manifest);
  if (strange === undefined) return;
  const { newest } = await newestWhole(store, (await readCatalog(store)).entries);
  const last = await contentsOf(project, store, newest);
  if (last !== undefined && strangeTo(found, database, last.manifest) === undefined) return;
  throw refusal(database.label, strange);
}

const tablesOf = async (database: Database) => countedIn(database, (await database.describe()).schema);

const countedIn = ({ codec }: Database, schema: Manifest['schema']): string[] => [
  ...countRows(codec.countedTables(schema), () => 0).keys(),
];

function strangeTo(found: readonly string[], { codec }: Database, saved: Manifest): number | undefined {
  return strangeAmong(found.map(codec.fold), [...rowsByTable(saved).keys()].map(codec.fold));
}
