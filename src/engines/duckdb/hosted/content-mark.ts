import { createHash } from 'node:crypto';
import { qualified, quoted } from '../names.ts';
import type { Db } from '../open.ts';
import { readSchema } from '../schema.ts';
import { readSequences } from '../sequences.ts';
import { type Column, readTables } from '../tables.ts';

/**
 * Another one says that rows or definitions are others: a sum over every row, made where the rows are. It means nothing to another version of
 * DuckDB.
 */
export async function contentMark(db: Db): Promise<string> {
  const tables = await readTables(db);
  const hash = createHash('sha256');
  hash.update(JSON.stringify([await readSchema(db, tables), await readSequences(db)]));
  for (const table of tables) {
    const values = table.columns.flatMap((column) => (column.isGenerated ? [] : told(column))).join(', ');
    const sums = await db.rows(
      `SELECT count(*), CAST(sum(CAST(hash(${values}) AS HUGEINT)) AS VARCHAR) FROM ${qualified(table)}`,
    );
    hash.update(JSON.stringify([table.key, sums]));
  }
  return hash.digest('hex');
}

/**
 * What tells a column's values apart. To `hash` itself [], [NULL] and NULL are one and the same, as are 30 days and a month, and 0 and -0; and as
 * text a 5 of a union is a '5' of it: so both are asked, and whether it is NULL.
 */
function told({ name, type }: Column): string[] {
  const value = quoted(name);
  return AS_IT_IS.has(type) ? [value] : [value, `${value} IS NULL`, `CAST(${value} AS VARCHAR)`];
}

/** As text they say nothing more, and may be long. */
const AS_IT_IS: ReadonlySet<string> = new Set(['VARCHAR', 'BLOB']);
