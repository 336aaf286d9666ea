import type { SchemaObject } from '../core/manifest.ts';
import { valueMissing } from '../core/problems/database.ts';
import type { Read } from './loss.ts';

/**
 * Throws DATABASE_FAILED for rows that break their table's NOT NULL: a restore could not bring them back. SQLite lets none in, so
 * only a table is looked through whose definition is not that of the backup before; where that one is shut, every table.
 */
export async function mustBeRestorable(
  { schema, tables }: Read,
  label: string,
  before: readonly SchemaObject[] | undefined,
): Promise<void> {
  const definitionIn = (objects: readonly SchemaObject[], table: string) =>
    objects.find(({ type, name }) => type === 'table' && name === table)?.sql;
  for (const table of tables) {
    if (table.rows === 0 || definitionIn(before ?? [], table.name) === definitionIn(schema, table.name)) continue;
    const column = await table.missingValue();
    if (column !== undefined) throw valueMissing(label, table.name, column)();
  }
}
