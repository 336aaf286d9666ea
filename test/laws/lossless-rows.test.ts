import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { backup } from '../../src/operations/backup.ts';
import { restoreRows } from '../../src/operations/restore-rows.ts';
import { type AnyDatabase, anyDatabase, make, quoted } from '../support/any-database.ts';
import { tries } from '../support/chance.ts';
import { FASTEST, projectIn } from '../support/scratch.ts';

/** Every value with its kind, long ones by their beginning and length; rows in the order of all they hold. */
function valuesOf(path: string, table: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    const columns = db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
    const exact = columns.map(
      (name) =>
        `typeof(${quoted(name)}) || ' ' || CASE typeof(${quoted(name)}) WHEN 'real' THEN quote(${quoted(name)}) ELSE substr(hex(${quoted(name)}), 1, 80) || length(${quoted(name)}) END`,
    );
    return db
      .prepare(`SELECT ${exact.join(', ')} FROM ${quoted(table)} ORDER BY ${exact.map((_, at) => at + 1).join(', ')}`)
      .raw()
      .all();
  } finally {
    db.close();
  }
}

/** Saves it, removes some of each table's rows, brings them back, and compares all values. */
async function comeBack(made: AnyDatabase): Promise<void> {
  const folder = mkdtempSync(join(FASTEST, 'overwinter-rows-'));
  try {
    const project = projectIn(folder, { privacy: { byName: false } });
    const db = new Database(project.db);
    db.pragma('synchronous = off');
    db.pragma('foreign_keys = off');
    make(db, made);
    await backup(project, { trigger: 'test' });
    for (const { name } of made.tables) {
      const before = valuesOf(project.db, name);
      db.exec(`DELETE FROM ${quoted(name)} WHERE random() % 2`);
      try {
        await restoreRows(project, { name: 'latest', rows: { tables: [name], exact: true, withParents: true } });
      } catch (error) {
        // Columns may hide what tells rows apart, and then it says so.
        if (error instanceof OverwinterError && error.code === 'USAGE') continue;
        throw error;
      }
      expect(valuesOf(project.db, name)).toEqual(before);
    }
    db.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('rows of any table come back as they were', { timeout: 3_600_000 }, async () => {
  await fc.assert(fc.asyncProperty(anyDatabase, comeBack), { numRuns: tries(25, 300) });
});
