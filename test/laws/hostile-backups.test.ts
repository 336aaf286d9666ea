import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SchemaObject } from '../../src/core/manifest.ts';
import type { SqliteOptions } from '../../src/engines/sqlite/open.ts';
import { backup } from '../../src/operations/backup.ts';
import { diff } from '../../src/operations/diff.ts';
import { restore } from '../../src/operations/restore.ts';
import { verify } from '../../src/operations/verify.ts';
import { addPart, type Draft, forged, refusedWith } from '../support/forged.ts';
import { type TestProject as Project, withDatabase } from '../support/project.ts';
import { look } from '../support/round-trip.ts';

const byName = (project: Project) => () => restore(project, { name: 'forged' });
const object = (type: string, name: string, sql: string): SchemaObject => ({ type, name, table: name, sql });

/** Puts a definition into a backup, with empty data where it claims to be a table. */
function define(draft: Draft, type: string, name: string, sql: string): void {
  draft.schema.push(object(type, name, sql));
  if (type !== 'table' || /VIRTUAL/i.test(sql)) return;
  draft.data.set(name, { rows: [] });
  draft.metadata.tables++;
}

test('the backup that all of these are made from is a good one', async () => {
  const project = await forged(() => {});
  expect(await verify(project, { name: 'forged' })).toMatchObject([{ ok: true, rows: 2002 }]);
  await restore(project, { name: 'forged' });
  expect(look(project.db, (db) => db.prepare('SELECT count(*), max(id) FROM orders').raw().get())).toEqual([
    2000, 2000,
  ]);
});

const ENDLESS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';

/** Each would write `trap` if it ran. */
const NO_DEFINITIONS: readonly (readonly [string, string])[] = [
  ['table', "ATTACH 'trap' AS a"],
  ['table', "VACUUM INTO 'trap'"],
  ['table', 'PRAGMA writable_schema = on'],
  ['table', 'PRAGMA journal_mode = wal'],
  ['table', 'DROP TABLE users'],
  ['table', 'DELETE FROM users'],
  ['table', "INSERT INTO users VALUES (9, 'Eve')"],
  ['table', `CREATE TABLE x AS ${ENDLESS}`],
  ['table', `CREATE TABLE x/* ( */AS ${ENDLESS}`],
  ['table', `CREATE TABLE "x("AS ${ENDLESS}`],
  ['table', `CREATE TABLE [x] -- (\nAS ${ENDLESS}`],
  ['table', 'CREATE TEMP TABLE x(a)'],
  ['table', 'CREATE TABLE temp.x(a)'],
  ['table', 'CREATE TABLE IF NOT EXISTS x(a)'],
  ['table', 'CREATE TABLE y(a)'],
  ['table', 'CREATE TABLE X(a)'],
  ['table', 'CREATE VIEW x AS SELECT 1'],
  ['table', "CREATE TABLE x(a); ATTACH 'trap' AS a"],
  ['table', 'CREATE TABLE x(a); CREATE TABLE hidden(a)'],
  ['table', 'CREATE TABLE x(a) -- and more'],
  ['table', '  CREATE TABLE x(a)'],
  ['table', 'CREATE TABLE x(a)\0 hidden'],
  ['table', ''],
  ['index', 'REINDEX'],
  ['index', 'CREATE TABLE x(a)'],
  ['index', 'CREATE INDEX y ON users(name)'],
  ['index', 'CREATE INDEX temp.x ON users(name)'],
  ['view', `SELECT load_extension('trap')`],
  ['view', 'CREATE TEMP VIEW x AS SELECT 1'],
  ['view', "CREATE VIEW x AS SELECT 1; ATTACH 'trap' AS a"],
  ['trigger', 'CREATE TEMP TRIGGER x AFTER INSERT ON users BEGIN SELECT 1; END'],
  ['trigger', "CREATE TRIGGER x AFTER INSERT ON users BEGIN SELECT 1; END; ATTACH 'trap' AS a"],
  ['trigger', 'DROP TABLE users'],
];

const CONTENT_REFUSED = ['RESTORE_INEXACT', 'DATABASE_FAILED', 'BACKUP_DAMAGED'];

describe('what stands in the schema and is no definition', () => {
  test.each(NO_DEFINITIONS)('%s: %s', async (type, sql) => {
    const project = await forged((draft) => define(draft, type, 'x', sql));
    const folder = process.cwd();
    await refusedWith(CONTENT_REFUSED, project, byName(project));
    await refusedWith(CONTENT_REFUSED, project, () =>
      verify(project, { name: 'forged' }).then(([result]) => {
        expect(result).toMatchObject({ ok: false, problem: expect.stringMatching(/\S/) });
        return restore(project, { name: 'forged', to: join(dirname(project.db), 'beside.db') });
      }),
    );
    if (type === 'table' && !/^\s*CREATE TABLE (y|X|x)\(|VIEW|^ {2}/.test(sql))
      await refusedWith(CONTENT_REFUSED, project, () => diff(project, 'forged', undefined, 5));
    expect(existsSync(join(folder, 'trap'))).toBe(false);
  });

  test('an entry that lies about its table', async () => {
    const project = await forged((draft) => {
      const index = object('index', 'x', 'CREATE INDEX x ON users(name)');
      draft.schema.push({ ...index, table: 'orders' });
    });
    await refusedWith(['RESTORE_INEXACT'], project, byName(project));
  });

  test.each([
    ['sqlite_x', 'CREATE TABLE sqlite_x(a)'],
    ['sqlite_schema', 'CREATE TABLE sqlite_schema(a)'],
    ['sqlite_sequence', 'CREATE TABLE sqlite_sequence(name, seq)'],
  ])('a table of the name %s, which is SQLite’s own', async (name, sql) => {
    const project = await forged((draft) => {
      draft.schema.push(object('table', name, sql));
      draft.data.set(name, { rows: [] });
    });
    await refusedWith(CONTENT_REFUSED, project, byName(project));
  });

  test('a table given twice, and one in two spellings', async () => {
    for (const name of ['users', 'USERS']) {
      const project = await forged((draft) => draft.schema.push(object('table', name, `CREATE TABLE ${name}(a)`)));
      await refusedWith(CONTENT_REFUSED, project, byName(project));
    }
  });
});

describe('definitions that are long', () => {
  const many = (count: number, piece: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => piece(i)).join('');

  test.each<[string, string]>([
    ['brackets that are never closed', `CREATE VIRTUAL TABLE x USING fts5(a, ${'['.repeat(1_000_000)})`],
    ['quotes that are never closed', `CREATE VIRTUAL TABLE x USING fts5(a, ${`"'\``.repeat(500_001)})`],
    ['comments in comments', `CREATE VIRTUAL TABLE x USING fts5(a) ${'/*'.repeat(1_000_000)}`],
    [
      'a string of doubled quotes, and nothing after it',
      `CREATE VIRTUAL TABLE x USING fts5('${"''".repeat(5_000_000)}`,
    ],
    ['words that could be strings', `CREATE TABLE x(a${many(20_000, (i) => `, CHECK (a <> "word${i}")`)})`],
  ])('%s', async (_, sql) => {
    const project = await forged((draft) => define(draft, 'table', 'x', sql));
    await refusedWith(CONTENT_REFUSED, project, byName(project), 15);
  });

  test('a string of ten million letters, half of them quotes, is saved and comes back', async () => {
    const project = await forged(() => {});
    const text = "it''s".repeat(2_000_000);
    look(project.db, (db) => db.exec(`CREATE TABLE x(a DEFAULT '${text}')`));
    await backup(project, { trigger: 'test', allowShrink: true, name: 'long' });
    expect(await verify(project, { name: 'long' })).toMatchObject([{ ok: true }]);
  });

  test('300 words in one definition that an older tool took for strings are still taken for those', async () => {
    const sql = `CREATE TABLE x(a CHECK (a IN (${many(300, (i) => `"word${i}", `)}'')))`;
    const project = await forged((draft) => define(draft, 'table', 'x', sql));
    await restore(project, { name: 'forged' });
    expect(look(project.db, (db) => db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'x'").pluck().get())).toBe(
      sql,
    );
  });
});

describe('virtual tables', () => {
  test.each([
    "CREATE VIRTUAL TABLE x USING csv(filename='/etc/passwd')",
    'CREATE VIRTUAL TABLE x USING dbstat',
    'CREATE VIRTUAL TABLE x USING fts3tokenize(simple)',
    'CREATE VIRTUAL TABLE x USING json_each',
    'CREATE VIRTUAL TABLE x USING pragma_table_list',
    'CREATE VIRTUAL TABLE x USING "dbstat"',
    "CREATE VIRTUAL TABLE x USING fts5(a); ATTACH 'trap' AS a",
    'CREATE VIRTUAL TABLE x USING fts5(a) CREATE TABLE y(a)',
    'CREATE VIRTUAL TABLE x USING fts5(a',
    'CREATE VIRTUAL TABLE y USING fts5(a)',
    'CREATE VIRTUAL TABLE temp.x USING fts5(a)',
    'CREATE VIRTUAL TABLE IF NOT EXISTS x USING fts5(a)',
    'CREATE VIRTUAL TABLE x',
  ])('%s', async (sql) => {
    const project = await forged((draft) => define(draft, 'table', 'x', sql));
    await refusedWith(['RESTORE_INEXACT'], project, byName(project));
  });

  test('one of the name of another table', async () => {
    const project = await forged((draft) =>
      define(draft, 'table', 'users', 'CREATE VIRTUAL TABLE users USING fts5(a)'),
    );
    await refusedWith(['RESTORE_INEXACT'], project, byName(project));
  });

  test('one without the tables it keeps its rows in, and one whose tables hold nonsense', async () => {
    const without = await forged((draft) => define(draft, 'table', 'x', 'CREATE VIRTUAL TABLE x USING fts5(a)'));
    await refusedWith(CONTENT_REFUSED, without, byName(without));
    const nonsense = await forged((draft) => {
      define(draft, 'table', 'x', 'CREATE VIRTUAL TABLE x USING rtree(id, a, b)');
      for (const [name, columns, row] of [
        ['x_node', 'nodeno INTEGER PRIMARY KEY,data', '{"nodeno":1,"data":{"$blob":"//////////8="}}'],
        ['x_parent', 'nodeno INTEGER PRIMARY KEY,parentnode', '{"nodeno":7,"parentnode":7}'],
        ['x_rowid', 'rowid INTEGER PRIMARY KEY,nodeno', '{"rowid":1,"nodeno":99}'],
      ] as const) {
        draft.schema.unshift(object('table', name, `CREATE TABLE "${name}"(${columns})`));
        draft.data.set(name, { rows: [row] });
      }
    });
    await refusedWith(CONTENT_REFUSED, nonsense, byName(nonsense));
  });

  test('a module that the app registers is taken, here and there', async () => {
    const options: SqliteOptions = {
      busyTimeout: 2000,
      prepare: (db) => db.table('numbers', { columns: ['n'], rows: function* () {} }),
    };
    const stored = 'CREATE VIRTUAL TABLE x USING numbers';
    const made = await forged((draft) => define(draft, 'table', 'x', stored));
    const project = withDatabase(made, made.db, options);
    await restore(project, { name: 'forged' });
    expect(look(project.db, (db) => db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'x'").pluck().get())).toBe(
      stored,
    );
  });

  test('what no restore would take, no backup takes either', async () => {
    const project = await forged(() => {});
    look(project.db, (db) => db.exec('CREATE VIRTUAL TABLE pages USING dbstat'));
    await refusedWith(['DATABASE_FAILED'], project, () => backup(project, { trigger: 'test', allowShrink: true }));
  });
});

describe('definitions that reach for what they should not', () => {
  test.each([
    ['a CHECK', "CREATE TABLE x(a CHECK (load_extension('trap')))"],
    ['a generated column', "CREATE TABLE x(a, b AS (load_extension('trap')) STORED)"],
    ['a default', "CREATE TABLE x(a, b DEFAULT (load_extension('trap')))"],
  ])('%s that loads an extension', async (_, sql) => {
    const project = await forged((draft) => {
      define(draft, 'table', 'x', sql);
      draft.data.set('x', { rows: ['{"a":1}'] });
      draft.metadata.rows++;
    });
    await restore(project, { name: 'forged', to: join(dirname(project.db), 'beside.db') }).catch((error: unknown) =>
      expect(error).toMatchObject({ code: expect.stringMatching(/^(RESTORE_INEXACT|DATABASE_FAILED)$/) }),
    );
    expect(look(project.db, (db) => db.prepare('SELECT word FROM live').pluck().get())).toBe('alive');
  });

  test('an index over a function that schemas may not call', async () => {
    const project = await forged((draft) => {
      draft.schema.push({
        ...object('index', 'x', "CREATE INDEX x ON users(fts3_tokenizer('simple'))"),
        table: 'users',
      });
    });
    await refusedWith(CONTENT_REFUSED, project, byName(project));
  });

  test('triggers do not fire while rows go in, nor is the schema left writable', async () => {
    const project = await forged((draft) => {
      draft.schema.push({
        ...object('trigger', 'x', 'CREATE TRIGGER x AFTER INSERT ON users BEGIN DELETE FROM orders; END'),
        table: 'users',
      });
      draft.schema.push(object('view', 'v', 'CREATE VIEW v AS SELECT load_extension(name) FROM users'));
      draft.schema.sort((a, b) => (a.type < b.type ? -1 : 1)).sort((a, b) => rank(a) - rank(b));
    });
    await restore(project, { name: 'forged' });
    look(project.db, (db) => {
      expect(db.prepare('SELECT count(*) FROM orders').pluck().get()).toBe(2000);
      expect(db.pragma('writable_schema', { simple: true })).toBe(0);
      expect(() => db.prepare('SELECT * FROM v').all()).toThrow();
      expect(() => db.exec('DELETE FROM sqlite_schema')).toThrow();
    });
  });
});

const rank = ({ type }: SchemaObject) => ['table', 'index', 'view', 'trigger'].indexOf(type);

describe('numbers that cannot be', () => {
  test.each<[string, (draft: Draft) => unknown]>([
    ['more rows', ({ metadata }) => metadata.rows++],
    ['fewer rows', ({ metadata }) => metadata.rows--],
    ['more tables', ({ metadata }) => metadata.tables++],
    ['rows below zero', ({ metadata }) => Object.assign(metadata, { rows: -2002 })],
    ['a page of no size', ({ settings }) => Object.assign(settings, { page_size: 1000 })],
    ['a page of 0', ({ settings }) => Object.assign(settings, { page_size: 0 })],
    ['a version beyond 32 bits', ({ settings }) => Object.assign(settings, { user_version: 2 ** 31 })],
    ['an application beyond 32 bits', ({ settings }) => Object.assign(settings, { application_id: -(2 ** 40) })],
    ['an unknown auto-vacuum', ({ settings }) => Object.assign(settings, { auto_vacuum: 3 })],
    ['an unknown encoding', ({ settings }) => Object.assign(settings, { encoding: "UTF-8'; ATTACH 'trap' AS a; --" })],
    ['an unknown journal', ({ settings }) => Object.assign(settings, { journal_mode: 'off' })],
    ['a date after which none comes', ({ metadata }) => Object.assign(metadata, { backup_date: '+275760-09-13' })],
    ['no date', ({ metadata }) => Object.assign(metadata, { backup_date: '2026' })],
    ['a word to the terminal', ({ metadata }) => Object.assign(metadata.origin, { environment: '\u001b]0;x\u0007' })],
    ['a part without bytes', (draft) => draft.data.set('orders', { count: 0, parts: [partOf(draft, { bytes: 0 })] })],
    ['a part of 10 GB', (draft) => draft.data.set('orders', { count: 1, parts: [partOf(draft, { bytes: 1e10 })] })],
    [
      'rows below zero in a part',
      (draft) => draft.data.set('orders', { count: -1, parts: [partOf(draft, { rows: -1 })] }),
    ],
    ['a row without an end', (draft) => draft.data.set('orders', { count: 0, parts: [partOf(draft, { rows: 0 })] })],
    [
      'no data for a table',
      (draft) => draft.data.delete('users') && Object.assign(draft.metadata, { tables: 1, rows: 2000 }),
    ],
    [
      'a row of 64 GB, by way of one part',
      (draft) => {
        const part = partOf(draft, { rows: 0, bytes: 32 * 2 ** 20 });
        draft.data.set('orders', { count: 2000, parts: [...Array(2000).fill(part), partOf(draft, { rows: 2000 })] });
      },
    ],
    ['data for no table', (draft) => draft.data.set('x', { rows: [] }) && draft.metadata.tables++],
  ])('%s', async (_, change) => {
    const project = await forged(change);
    await refusedWith(['BACKUP_DAMAGED', 'RESTORE_INEXACT'], project, byName(project));
  });
});

function partOf(draft: Draft, change: { bytes?: number; rows?: number }) {
  const orders = draft.data.get('orders');
  const part = orders !== undefined && 'parts' in orders ? orders.parts[0] : undefined;
  return { file: '', rows: 1, bytes: 1, ...part, ...change };
}

describe('rows that are none', () => {
  test.each([
    ['half a row', '{"id":1,'],
    ['a number', '5'],
    ['a list', '[1,"Ada"]'],
    ['without a column', '{"id":1}'],
    ['with a column too many', '{"id":1,"name":"Ada","admin":1}'],
    ['with a column twice', '{"id":1,"name":"Ada","name":"Eve"}'],
    ['with another column', '{"id":1,"nime":"Ada"}'],
  ])('inline, %s', async (_, row) => {
    const project = await forged((draft) => draft.data.set('users', { rows: [row, '{"id":2,"name":"Bob"}'] }));
    await refusedWith(['BACKUP_DAMAGED', 'RESTORE_INEXACT'], project, byName(project));
    // A comparison says what it can, and else whose fault it is.
    const compared = await diff(project, 'forged', undefined, 5).catch((error: unknown) => error);
    if (compared instanceof Error) expect(compared).toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  test.each([
    ['invalid UTF-8', Buffer.from('{"id":1,"note":"\xff\xfe"}\n', 'latin1')],
    ['zeros', Buffer.alloc(100)],
    ['a byte order mark', '\ufeff{"id":1,"note":"x"}\n'],
    ['nesting without end', `{"id":1,"note":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`],
    ['two rows for one', '{"id":1,"note":"x"},{"id":2,"note":"x"}\n'],
  ])('in a part, %s', async (_, bytes) => {
    const project = await forged(async (draft, backups) => {
      draft.data.set('orders', { count: 1, parts: [await addPart(backups, 'orders', bytes, 1)] });
      draft.metadata.rows = 3;
    });
    await refusedWith(['BACKUP_DAMAGED', 'RESTORE_INEXACT', 'DATABASE_FAILED'], project, byName(project));
  });
});
