import Database from 'better-sqlite3';
import { beforeAll, expect, test } from 'vitest';
import type { TableData } from '../../src/core/manifest.ts';
import { isSealed } from '../../src/format/sealed.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { type GridWanted, gridOf, noColumns } from '../../src/operations/grid.ts';
import type { TestProject } from '../support/project.ts';
import { lasting, projectIn } from '../support/scratch.ts';

const MANY = 9000;

let project: TestProject;
let tables: ReadonlyMap<string, TableData>;

/** One table in the manifest itself and one in several parts; `turn` is in no order, and many rows have the same. */
beforeAll(async () => {
  project = projectIn(lasting());
  const db = new Database(project.db);
  for (const [table, rows] of [
    ['few', 40],
    ['many', MANY],
  ] as const)
    db.exec(`CREATE TABLE ${table}(id INTEGER PRIMARY KEY, turn INTEGER, word TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO ${table} SELECT i, (i * 7919) % 23, iif(i % 3 = 0, NULL, printf('word %d %.60c', i % 11, 'x')) FROM n`);
  db.close();
  const { name } = await backup(project, { trigger: 'test' });
  const { manifest } = await openBackup(project.store, name);
  if (isSealed(manifest)) throw new Error('nothing is encrypted here');
  tables = manifest.data;
});

const FIRST: GridWanted = { limit: 7, after: undefined, sort: undefined, filters: [] };

const page = (table: string, wanted: Partial<GridWanted>, known = noColumns()) =>
  gridOf(project.store, tables.get(table) ?? { rows: [] }, { ...FIRST, ...wanted }, known);

const numbersIn = ({ rows }: Awaited<ReturnType<typeof page>>) => rows.map(({ number }) => number);

/** What SQLite itself says, as numbers of rows. */
function asked(table: string, rest: string): unknown[] {
  const db = new Database(project.db, { readonly: true });
  try {
    return db.prepare(`SELECT id - 1 FROM ${table} ${rest}`).pluck().all();
  } finally {
    db.close();
  }
}

/** Every page, one after the other, as somebody sees them who goes on. */
async function pages(table: string, wanted: Partial<GridWanted>, most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const seen: number[] = [];
  const known = noColumns();
  while (seen.length < most) {
    const found = await page(table, { ...wanted, after: seen.at(-1) }, known);
    if (found.rows.length === 0) break;
    expect(found.before).toBe(seen.length);
    seen.push(...numbersIn(found));
  }
  return seen;
}

test.each(['few', 'many'])(
  'pages of %s are sorted as the database sorts, and none is twice or missing',
  async (table) => {
    const most = 60;
    const first = (all: unknown[]) => all.slice(0, Math.ceil(most / FIRST.limit) * FIRST.limit);
    expect(await pages(table, {}, most)).toEqual(first(asked(table, 'ORDER BY id')));
    for (const descending of [false, true])
      for (const column of ['turn', 'word']) {
        const order = `ORDER BY ${column} ${descending ? 'DESC' : 'ASC'}, id`;
        expect(await pages(table, { sort: { column, descending } }, most), order).toEqual(first(asked(table, order)));
      }
  },
);

test('what is searched is found, by one column or several, with how many there are', async () => {
  const found = await page('many', {
    filters: [
      ['turn', '>=20'],
      ['word', 'WORD 4'],
    ],
    sort: { column: 'turn', descending: true },
  });
  const where = "WHERE turn >= 20 AND word LIKE '%word 4%' ORDER BY turn DESC, id";
  expect(found).toMatchObject({ total: MANY, fitting: asked('many', where).length, before: 0, isTooLarge: false });
  expect(numbersIn(found)).toEqual(asked('many', where).slice(0, 7));
  expect(await page('many', { filters: [['word', 'no such']] })).toMatchObject({ rows: [], fitting: 0, total: MANY });
});

test('columns are told of a page with no row on it, too, and of an empty table there are none', async () => {
  const columns = ['id', 'turn', 'word'];
  expect((await page('few', {})).columns).toEqual(columns);
  expect((await page('many', { filters: [['word', 'no such']] })).columns).toEqual(columns);
  expect(await page('nothing', {})).toMatchObject({ rows: [], columns: [], total: 0 });
});

test('a column is read once for all pages, and anew for another table', async () => {
  const read: string[] = [];
  const store = {
    ...project.store,
    read: (path: string) => {
      read.push(path);
      return project.store.read(path);
    },
  };
  const known = noColumns();
  const many = tables.get('many');
  if (many === undefined || !('parts' in many)) throw new Error('it is large enough for parts');
  const sorted = { ...FIRST, sort: { column: 'turn', descending: false } };
  await gridOf(store, many, sorted, known);
  expect(new Set(read)).toEqual(new Set(many.parts.map(({ file }) => file)));
  read.length = 0;
  const again = await gridOf(store, many, { ...sorted, limit: 1 }, known);
  // What is shown is read, and no more.
  expect(read).toHaveLength(1);
  expect(again.rows).toHaveLength(1);
  const few = await page('few', { sort: sorted.sort }, known);
  expect(few.fitting).toBe(40);
  expect(numbersIn(few)).toEqual(asked('few', 'ORDER BY turn, id').slice(0, 7));
});

test('a row that is none is damage', async () => {
  const broken: TableData = { rows: ['{"id":1', '{"id":2}'] };
  await expect(gridOf(project.store, broken, FIRST, noColumns())).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  const escaped: TableData = { rows: ['{"id":1,"a":"\\x"}'] };
  const sorted = { ...FIRST, sort: { column: 'a', descending: false } };
  await expect(gridOf(project.store, escaped, sorted, noColumns())).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
});

test('a table that is too large to be sorted is shown as it is, and only what is shown is read', async () => {
  const many = tables.get('many');
  if (many === undefined || !('parts' in many)) throw new Error('it has parts');
  const huge = { ...many, count: 3_000_001 };
  const found = await gridOf(project.store, huge, { ...FIRST, sort: { column: 'id', descending: true } }, noColumns());
  expect(numbersIn(found)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(found).toMatchObject({ isTooLarge: true, total: 3_000_001, fitting: 3_000_001, before: 0 });
  const next = await gridOf(project.store, huge, { ...FIRST, after: 6, filters: [['id', '1']] }, noColumns());
  expect(numbersIn(next)[0]).toBe(7);
  expect(next.before).toBe(7);
  expect((await page('many', { sort: { column: 'id', descending: true } })).isTooLarge).toBe(false);
});
