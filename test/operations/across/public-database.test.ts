import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { postgresDatabase } from '../../../src/engines/postgres/database.ts';
import { onServer } from '../../../src/engines/postgres/server.ts';
import { sqliteDatabase } from '../../../src/engines/sqlite/database.ts';
import { copy, valuesIn } from '../../support/across.ts';
import { isSlow } from '../../support/chance.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';

/** The register of coordinate systems that Debian's `proj-data` ships. Its codes are numbers, and texts where they are no numbers. */
const PUBLIC = '/usr/share/proj/proj.db';

const sqliteAt = (file: string) => sqliteDatabase(file, { busyTimeout: 2000 });

test.skipIf(!isSlow || !existsSync(PUBLIC) || postgresPrograms() === undefined)(
  'a public database is refused for its mixed values, and comes there and back without them (needs proj-data and postgresql)',
  { timeout: 600_000 },
  async () => {
    const work = scratch();
    const file = join(work, 'app.db');
    copyFileSync(PUBLIC, file);
    const to = postgresDatabase(onServer((await freshDatabase()).url, {}, 5000));
    const tried = await copy(work, sqliteAt(file), to, true);
    expect(tried.refused).toBeGreaterThan(1000);
    await expect(copy(work, sqliteAt(file), to)).rejects.toMatchObject({ code: 'COPY_REFUSED' });
    const db = new Database(file);
    db.pragma('foreign_keys = off');
    let removed = 0;
    for (const { name, columns } of tried.tables)
      for (const column of columns.filter(({ type }) => type === undefined))
        removed += db.prepare(`DELETE FROM "${name}" WHERE typeof("${column.name}") = 'text'`).run().changes;
    db.close();
    expect(removed).toBeLessThanOrEqual(tried.refused);
    const there = await copy(work, sqliteAt(file), to);
    expect(there.rows).toBe(tried.rows - removed);
    const back = join(work, 'back.db');
    await copy(work, to, sqliteAt(back));
    expect(valuesIn(back)).toEqual(valuesIn(file));
    expect(there.rows).toBeGreaterThan(30_000);
    await to.close();
  },
);
