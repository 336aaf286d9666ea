import { type Identity, identityInWords, isSameDatabase } from '../core/identity.ts';
import { copyOfAnother } from '../core/problems/another-database.ts';
import { countRows } from '../engines/codec.ts';
import { rowsByTable } from '../format/rows-by-table.ts';
import { type Entry, openBackup } from '../operations/catalog.ts';
import { contentsOf } from '../operations/loss.ts';
import type { Project } from '../operations/project.ts';
import type { ReadableStore } from '../stores/store.ts';

/**
 * A runner's copy is of whatever database the backups before it are of, and nothing but its tables can tell that it is not. Throws
 * ANOTHER_DATABASE where most of them are unknown to the newest backup, and most of the backup's are missing. One that is where
 * the configuration has it, or where the backups say, is certain.
 */
export async function mustLookFamiliar(
  copy: Project,
  expected: Identity,
  newest: Entry | undefined,
  store: ReadableStore,
): Promise<void> {
  if (newest === undefined || isSameDatabase(copy.identity, expected)) return;
  const before = await contentsOf(copy, store, await openBackup(store, newest.name));
  if (before === undefined) return;
  const known = [...rowsByTable(before.manifest).keys()];
  const { schema } = await copy.database.describe();
  const found = [...countRows(copy.database.codec.countedTables(schema), () => 0).keys()];
  const shared = found.filter((table) => known.includes(table)).length;
  const isStranger = known.length > 0 && shared * 2 < known.length && shared * 2 < found.length;
  if (isStranger) throw copyOfAnother(copy.database.label, identityInWords(expected), found.length - shared)();
}
