import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeAll, describe } from 'vitest';
import type { Database } from '../../../src/engines/engine.ts';
import { postgresDatabase } from '../../../src/engines/postgres/database.ts';
import type { Session } from '../../../src/engines/postgres/driver.ts';
import { inFolder } from '../../../src/engines/postgres/folder.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { openFolder, sessionIn } from '../../../src/engines/postgres/pglite-driver.ts';
import { onServer } from '../../../src/engines/postgres/server.ts';
import { engineContract, type Made, type Row, type Tables } from '../../contracts/engine.ts';
import { isSlow } from '../../support/chance.ts';
import { emptyPglite } from '../../support/pglite.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';
import { lasting, scratch } from '../../support/scratch.ts';

const WAIT = 1000;

describe.skipIf(postgresPrograms() === undefined)('on a server', () => {
  engineContract('PostgreSQL', async () => {
    const urls = new Map<Database, string>();
    const another = async () => {
      const { url } = await freshDatabase();
      const database = postgresDatabase(onServer(url, {}, WAIT));
      urls.set(database, url);
      return database;
    };
    const database = await another();
    const sessionOf = (of: Database) => connectToServer(urls.get(of) ?? '', {});
    return {
      database,
      isShared: true,
      again: () => postgresDatabase(onServer(urls.get(database) ?? '', {}, WAIT)),
      another,
      write: async (tables, into = database) => write(await sessionOf(into), tables),
      rowsOf: async (table) => rowsOf(await sessionOf(database), table),
    };
  });
});

let template: string | undefined;
const folders: Database[] = [];
afterEach(async () => {
  for (const database of folders.splice(0)) await database.close();
});

// It starts anew for nearly every question, so where a server is tried too, it is for those who have time.
describe.skipIf(postgresPrograms() !== undefined && !isSlow)('in a folder', () => {
  beforeAll(async () => {
    template = await emptyPglite(join(lasting(), 'template'));
  });
  engineContract('PGlite', makeFolder);
});

function makeFolder(): Made {
  const folder = scratch();
  const at = (name: string) => {
    const path = join(folder, name);
    if (!existsSync(path)) cpSync(template ?? '', path, { recursive: true });
    const database = postgresDatabase(inFolder(path, WAIT));
    folders.push(database);
    return database;
  };
  const database = at('app');
  let others = 0;
  /** As an app does, which has it open for itself alone. */
  const asApp = async <T>(of: Database, work: (session: Session) => Promise<T>): Promise<T> => {
    await of.close();
    const db = await openFolder(of.label, of.label);
    try {
      return await work(await sessionIn(db));
    } finally {
      await db.close();
    }
  };
  return {
    database,
    again: () => at('./app'),
    another: () => at(`other-${others++}`),
    write: (tables, into = database) => asApp(into, (session) => write(session, tables)),
    rowsOf: (table) => asApp(database, (session) => rowsOf(session, table)),
  };
}

async function write(session: Session, tables: Tables): Promise<void> {
  try {
    for (const [table, { columns, rows }] of Object.entries(tables)) {
      const [key = '', ...others] = columns;
      const typed = [`${key} integer PRIMARY KEY`, ...others.map((column) => `${column} text`)];
      await session.query(`CREATE TABLE IF NOT EXISTS ${table}(${typed.join(', ')})`);
      const values = rows.map((row) => `(${columns.map((column) => asSql(row[column] ?? null)).join(', ')})`);
      if (values.length > 0)
        await session.query(`INSERT INTO ${table}(${columns.join(', ')}) VALUES ${values.join(', ')}`);
    }
  } finally {
    await session.close();
  }
}

const asSql = (value: string | number | null) =>
  value === null ? 'NULL' : typeof value === 'number' ? String(value) : pg.escapeLiteral(value);

async function rowsOf(session: Session, table: string): Promise<Row[]> {
  try {
    const [[names] = []] = await session.query(
      `SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0 AND NOT attisdropped`,
    );
    const columns = (names ?? '').split(',');
    const rows = await session.query(`SELECT * FROM ${table} ORDER BY 1`);
    return rows.map((row) =>
      Object.fromEntries(columns.map((column, at) => [column, at === 0 ? Number(row[at]) : (row[at] ?? null)])),
    );
  } finally {
    await session.close();
  }
}
