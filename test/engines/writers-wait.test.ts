import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Reading } from '../../src/engines/engine.ts';
import { read } from '../../src/engines/sqlite/read.ts';
import { scratch } from '../support/scratch.ts';

async function readAll(reading: Reading): Promise<Uint8Array | undefined> {
  try {
    for (const table of reading.tables) for await (const slice of table.slices()) expect(slice.rows).toBeGreaterThan(0);
    return await reading.notes?.();
  } finally {
    await reading.close();
  }
}

test('nobody is kept from writing while something else is done before the rows are read', async () => {
  const path = join(scratch(), 'app.db');
  const db = new Database(path, { timeout: 0 });
  db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, a);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO t SELECT i, hex(randomblob(500)) FROM n;`);
  const begin = (before?: Uint8Array, takesLong = false) =>
    read(path, dirname(path), undefined, { busyTimeout: 5000, wholeBelow: 0 }, before, takesLong);
  const write = () => db.exec("UPDATE t SET a = 'changed' WHERE id = 777");
  const notes = await readAll(await begin());
  const soon = await begin(notes);
  expect(write).toThrow(/locked/);
  await readAll(soon);
  const later = await begin(notes, true);
  write();
  await readAll(later);
  db.close();
});
