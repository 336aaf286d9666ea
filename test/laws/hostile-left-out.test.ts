import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/core/errors.ts';
import type { SchemaObject } from '../../src/core/manifest.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { verify } from '../../src/operations/verify.ts';
import { type Draft, forged, refusedWith } from '../support/forged.ts';
import type { TestProject as Project } from '../support/project.ts';
import { look } from '../support/round-trip.ts';
import { scratch } from '../support/scratch.ts';
import { everythingIn } from '../support/secrets.ts';

/**
 * What a backup says it is without comes back from the live database: so somebody who may write to the repository can have secrets
 * moved that were never in it, and would read them in the next backup if they were moved anywhere else than back.
 */
const object = (type: string, name: string, sql: string, table = name): SchemaObject => ({
  type,
  name,
  table,
  sql,
});

/** One word, as a full-text index keeps it. */
const SECRET = 'zqxjkv';

const USERS = 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, password_hash TEXT)';

/** Lets the backup's `users` have the column that it is without. */
function withColumn(draft: Draft, sql = USERS): void {
  draft.schema = draft.schema.map((each) => (each.name === 'users' ? { ...each, sql } : each));
  draft.metadata.redacted = { users: ['password_hash'] };
}

function add(draft: Draft, ...objects: readonly SchemaObject[]): void {
  for (const each of objects) {
    draft.schema.push(each);
    if (each.type !== 'table' || /VIRTUAL/.test(each.sql)) continue;
    draft.data.set(each.name, { rows: [] });
    draft.metadata.tables++;
  }
  const order = ['table', 'index', 'view', 'trigger'];
  draft.schema.sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
}

/** A full-text table about `users`, with nothing in it. */
function addIndex(draft: Draft, sql: string): void {
  const db = new Database(':memory:');
  db.exec(`${USERS}; ${sql}`);
  const made = db.prepare<[], SchemaObject>('SELECT type, name, tbl_name AS "table", sql FROM sqlite_schema').all();
  const isVirtual = ({ sql }: SchemaObject) => /VIRTUAL/.test(sql);
  const others = made.filter(({ name }) => name !== 'users');
  draft.schema.push(...others.filter((each) => !isVirtual(each)), ...others.filter(isVirtual));
  for (const each of others) {
    if (isVirtual(each)) continue;
    const rows = db.prepare<[], Record<string, unknown>>(`SELECT * FROM "${each.name}"`).all();
    const said = (_key: string, value: unknown) =>
      Buffer.isBuffer(value) ? { $blob: value.toString('base64') } : value;
    const bytes = (row: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, said(key, value)]));
    draft.data.set(each.name, { rows: rows.map((row) => JSON.stringify(bytes(row))) });
  }
  db.close();
}

async function attacked(change: (draft: Draft) => void): Promise<Project> {
  const project = await forged(change);
  look(project.db, (db) =>
    db.exec(`DROP TABLE users; ${USERS}; INSERT INTO users VALUES (1, 'Ada', '${SECRET}ada'), (2, 'Bob', '${SECRET}bob');
      CREATE TABLE live_users(id INTEGER PRIMARY KEY, password_hash); INSERT INTO live_users VALUES (1, '${SECRET}');
      CREATE TABLE main(id INTEGER PRIMARY KEY, password_hash); INSERT INTO main VALUES (1, '${SECRET}');
      CREATE TABLE seen(id INTEGER PRIMARY KEY AUTOINCREMENT, n); INSERT INTO seen(n) VALUES (1), (2), (3)`),
  );
  return project;
}

const ATTACKS: readonly (readonly [string, ErrorCode | undefined, (draft: Draft) => void])[] = [
  ['asks for nothing more than what is its own', undefined, (draft) => withColumn(draft)],
  [
    'computes another column from it',
    undefined,
    (draft) => withColumn(draft, USERS.replace(')', ', copy AS (password_hash) STORED)')),
  ],
  [
    'has a trigger that copies it',
    undefined,
    (draft) => {
      withColumn(draft);
      const copy = 'BEGIN INSERT INTO orders(note) SELECT password_hash FROM users; END';
      add(draft, object('trigger', 'steal', `CREATE TRIGGER steal AFTER UPDATE ON users ${copy}`, 'users'));
    },
  ],
  [
    'has a view in the place of the table',
    'BACKUP_DAMAGED',
    (draft) => {
      draft.schema = draft.schema.filter(({ name }) => name !== 'users');
      draft.data.delete('users');
      Object.assign(draft.metadata, { tables: 1, rows: 2000, excluded: { users: 'rows' } });
      const copy = 'BEGIN INSERT INTO orders(note) VALUES (NEW.password_hash); END';
      add(
        draft,
        object('view', 'users', 'CREATE VIEW users AS SELECT 1 AS id, 2 AS name, 3 AS password_hash'),
        object('trigger', 'steal', `CREATE TRIGGER steal INSTEAD OF INSERT ON users ${copy}`, 'users'),
      );
    },
  ],
  [
    'has a full-text index about it',
    undefined,
    (draft) => {
      withColumn(draft);
      draft.metadata.excluded = { found: 'rows' };
      addIndex(draft, "CREATE VIRTUAL TABLE found USING fts5(password_hash, content='users')");
    },
  ],
  [
    'has rows elsewhere that follow it',
    undefined,
    (draft) => {
      withColumn(draft, USERS.replace('password_hash TEXT', 'password_hash TEXT UNIQUE'));
      draft.metadata.replaced = { users: ['password_hash'] };
      draft.data.set('users', {
        rows: ['{"id":1,"name":"Ada","password_hash":"a"}', '{"id":2,"name":"Bob","password_hash":"b"}'],
      });
      add(draft, object('table', 'copies', 'CREATE TABLE copies(h REFERENCES users(password_hash) ON UPDATE CASCADE)'));
      draft.data.set('copies', { rows: ['{"rowid":1,"h":"a"}', '{"rowid":2,"h":"b"}'] });
      draft.metadata.rows += 2;
    },
  ],
  [
    'asks for all rows of the table',
    undefined,
    (draft) => {
      withColumn(draft);
      draft.metadata.redacted = {};
      draft.metadata.excluded = { users: 'rows' };
      draft.data.set('users', { rows: [] });
      draft.metadata.rows = 2000;
    },
  ],
  [
    'asks for the whole table, which it has itself',
    'BACKUP_DAMAGED',
    (draft) => {
      draft.metadata.excluded = { users: 'whole' };
    },
  ],
  [
    'asks for what is SQLite’s own',
    'BACKUP_DAMAGED',
    (draft) => {
      add(draft, object('table', 'seen', 'CREATE TABLE seen(id INTEGER PRIMARY KEY AUTOINCREMENT, n)'));
      draft.data.set('sqlite_sequence', { rows: ['{"rowid":1,"name":"seen","seq":7}'] });
      draft.metadata.excluded = { sqlite_sequence: 'rows', sqlite_schema: 'rows' };
    },
  ],
  [
    'has names that end a quotation',
    'BACKUP_DAMAGED',
    (draft) => {
      withColumn(draft);
      draft.metadata.redacted = {
        users: ['password_hash', "password_hash\" = 'x' --", 'password_hash\0', '', '__proto__'],
        'users" SET name = password_hash --': ['password_hash'],
        'users\0': ['password_hash'],
        __proto__: ['password_hash'],
        constructor: ['name'],
        '': [''],
      };
    },
  ],
  [
    'has columns whose names end a quotation',
    undefined,
    (draft) => {
      withColumn(draft);
      draft.metadata.redacted = { users: ['password_hash', 'x" = password_hash --', 'x\0', '', '__proto__'] };
    },
  ],
  [
    'has tables with the names of databases',
    undefined,
    (draft) => {
      add(
        draft,
        object('table', 'live_users', 'CREATE TABLE live_users(id INTEGER PRIMARY KEY, password_hash)'),
        object('table', 'main', 'CREATE TABLE main(id INTEGER PRIMARY KEY, password_hash)'),
      );
      draft.metadata.redacted = { live_users: ['password_hash'], main: ['password_hash'] };
    },
  ],
];

describe('a backup that is without a secret, and', () => {
  test.each(ATTACKS)('%s', async (_, code, attack) => {
    const project = await attacked(attack);
    if (code !== undefined) {
      await refusedWith([code], project, () => restore(project, { name: 'forged' }));
      return;
    }
    await restore(project, { name: 'forged' });
    // Whatever the next backup holds, it is not what was secret.
    const saved = await backup(project, { trigger: 'test', allowShrink: true }).catch((error: unknown) => error);
    if (saved instanceof Error) expect(saved).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(everythingIn(project.store.path)).not.toContain(SECRET);
    const copy = join(scratch(), 'copy.db');
    await restore(project, { name: 'latest', to: copy });
    expect(readFileSync(copy, 'latin1')).not.toContain(SECRET);
    for (const { ok, problem } of await verify(project, 'all')) expect([ok, problem]).toEqual([true, undefined]);
  });

  test('the secrets stay where they are', async () => {
    const project = await attacked((draft) => withColumn(draft));
    await restore(project, { name: 'forged' });
    expect(look(project.db, (db) => db.prepare('SELECT password_hash FROM users').pluck().all())).toEqual([
      `${SECRET}ada`,
      `${SECRET}bob`,
    ]);
  });
});
