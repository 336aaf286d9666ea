import { databaseCorrupt } from '../../core/problems.ts';
import type { Db } from './open.ts';

/** Breaking a rule of the schema is a matter of the data, which came so; everything else is a matter of the file. */
const OWN_FAULT = /^(CHECK constraint failed in|NULL value in|non-\w+ value in|TEXT value in|NUMERIC value in)/;

/**
 * SQLite's own check of every page, row and index entry. Throws DATABASE_CORRUPT for a broken file; returns a sentence for
 * each thing that is odd in the data itself.
 */
export function checkIntegrity(db: Db): string[] {
  const found = db.prepare<[], string>('PRAGMA integrity_check').pluck().all();
  const faults = found.filter((line) => line !== 'ok');
  const broken = faults.filter((line) => !OWN_FAULT.test(line));
  if (broken.length > 0) throw databaseCorrupt(db.name)(new Error(broken.join('; ')));
  return [...faults, ...danglingRows(db)];
}

function danglingRows(db: Db): string[] {
  const counts = db
    .prepare<[], { table: string; parent: string; rows: number }>(
      'SELECT "table", parent, count(*) AS rows FROM pragma_foreign_key_check GROUP BY 1, 2',
    )
    .all();
  return counts.map(
    ({ table, parent, rows }) => `${rows} rows of ${table} point to rows of ${parent} that do not exist`,
  );
}
