import { createHash } from 'node:crypto';
import { qualified, quoted } from '../names.ts';
import type { Db } from '../open.ts';
import { readSchema } from '../schema.ts';
import { readSequences } from '../sequences.ts';
import { readTables, storedNames } from '../tables.ts';

/**
 * Another one says that rows or definitions are others: a sum over every row, made where the rows are. It means nothing to another version of
 * DuckDB.
 */
export async function contentMark(db: Db): Promise<string> {
  const tables = await readTables(db);
  const hash = createHash('sha256');
  hash.update(JSON.stringify([await readSchema(db, tables), await readSequences(db)]));
  for (const table of tables) {
    const values = storedNames(table).map(quoted).join(', ');
    const sums = await db.rows(
      `SELECT count(*), CAST(sum(CAST(hash(${values}) AS HUGEINT)) AS VARCHAR) FROM ${qualified(table)}`,
    );
    hash.update(JSON.stringify([table.key, sums]));
  }
  return hash.digest('hex');
}
