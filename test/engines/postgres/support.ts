import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Select, Standing } from '../../../src/engines/engine.ts';
import type { Session } from '../../../src/engines/postgres/driver.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { read, readWithin } from '../../../src/engines/postgres/read.ts';
import type { RestoreTarget } from '../../../src/engines/postgres/restore/target.ts';
import { type AsBackup, save } from '../../support/as-backup.ts';
import { makeRole } from '../../support/pg-dump.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';

export const schemaFile = (name: string) => readFileSync(join(import.meta.dirname, 'schemas', name), 'utf8');

/** What a database may say of itself, and no text must follow. */
const HOSTILE = [
  "DateStyle = 'German, DMY'",
  "IntervalStyle = 'sql_standard'",
  "TimeZone = 'Asia/Kathmandu'",
  'extra_float_digits = -10',
  "bytea_output = 'escape'",
  'quote_all_identifiers = on',
  'search_path = shop, public',
  'standard_conforming_strings = off',
];

export function makeHostile(database: TestDatabase): void {
  database.psql(HOSTILE.map((setting) => `ALTER DATABASE ${database.name} SET ${setting};`).join('\n'));
}

export function makeGentle(database: TestDatabase): void {
  database.psql(`ALTER DATABASE ${database.name} RESET ALL`);
}

/** Every kind of definition there is. */
export async function tortured(): Promise<TestDatabase> {
  const database = await freshDatabase();
  makeRole(database, 'reader');
  database.psql(schemaFile('torture.sql'));
  return database;
}

/** The same with rows, and with every type of values there is. */
export async function full(): Promise<TestDatabase> {
  const database = await tortured();
  database.psql(schemaFile('torture-rows.sql'), 'postgres');
  database.psql(schemaFile('types.sql'));
  return database;
}

export function targetOf(database: TestDatabase, role = 'app'): RestoreTarget {
  const url = database.as(role);
  return {
    label: database.name,
    scope: {},
    connect: () => connectToServer(url, {}),
    connectTo: (name) => connectToServer(url.replace(`/${database.name}?`, `/${name}?`), {}),
    standing: async () => standingOf(database),
    readWithin: (session: Session, select?: Select) => readWithin(session, { label: database.name, scope: {} }, select),
  };
}

function standingOf(database: TestDatabase): Standing {
  const tables = database
    .psql(
      "SELECT c.oid::regclass FROM pg_class c WHERE relkind = 'r' AND oid >= 16384 AND relnamespace::regnamespace::text !~ '^pg_'",
      'postgres',
    )
    .split('\n')
    .filter((name) => name !== '');
  if (tables.length === 0) return 'nothing';
  const isFilled = tables.some((table) => database.psql(`SELECT 1 FROM ${table} LIMIT 1`, 'postgres') !== '');
  return isFilled ? 'data' : 'empty-tables';
}

/** A database as a backup would hold it, made by somebody who sees all rows. */
export const saved = (database: TestDatabase, select?: Select, role = 'postgres'): Promise<AsBackup> => {
  const connect = () => connectToServer(database.as(role), {});
  return save(
    { read: (_scratch: string, chosen?: Select) => read({ label: database.name, scope: {}, connect }, chosen) },
    select,
  );
};
