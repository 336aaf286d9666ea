import { expect, test } from 'vitest';
import type { SchemaObject } from '../../src/core/manifest.ts';
import { countRows } from '../../src/engines/codec.ts';
import { sqliteCodec } from '../../src/engines/sqlite/codec.ts';
import { countedTables } from '../../src/engines/sqlite/sql/counted-tables.ts';
import { rowsIn, totalRows } from '../../src/format/rows-by-table.ts';

const table = (name: string, sql = `CREATE TABLE "${name}"(x)`): SchemaObject => ({
  type: 'table',
  name,
  table: name,
  sql,
});
const virtual = (name: string, using: string) => table(name, `CREATE VIRTUAL TABLE "${name}" USING ${using}`);

/** The counts of a schema whose stored tables have these rows. */
function counted(stored: Record<string, number>, ...more: SchemaObject[]): Record<string, number> {
  const rows = new Map(Object.entries(stored));
  return Object.fromEntries(
    countRows(countedTables([...[...rows.keys()].map((name) => table(name)), ...more]), (name) => rows.get(name)),
  );
}

test('a table has the rows that stand under its name, inline or in parts', () => {
  const data = new Map([
    ['users', { rows: ['{}', '{}'] }],
    ['orders', { count: 7, parts: [] }],
    ['sqlite_sequence', { rows: ['{}'] }],
  ]);
  const counts = rowsIn(sqliteCodec, { schema: [table('orders'), table('users'), table('new')], data });
  expect([...counts]).toEqual([
    ['orders', 7],
    ['users', 2],
    ['new', 0],
  ]);
  expect(totalRows(counts)).toBe(9);
});

test.each([
  ['fts5(x)', { t_data: 9, t_idx: 8, t_content: 3, t_docsize: 3, t_config: 1 }, 3],
  ["fts5(x, content='')", { t_data: 9, t_idx: 8, t_docsize: 3, t_config: 1 }, 3],
  ["fts5(x, content='', columnsize=0)", { t_data: 9, t_idx: 8, t_config: 1 }, 1],
  ["fts5(x, content='', columnsize=0)", { t_data: 2, t_idx: 0, t_config: 1 }, 0],
  ["fts5(x, content='gone')", { t_data: 9, t_idx: 8, t_docsize: 3, t_config: 1 }, 3],
  ['FTS4(x)', { t_content: 3, t_segments: 9, t_segdir: 8, t_docsize: 3, t_stat: 1 }, 3],
  ['fts4(content="", matchinfo=fts3, x)', { t_segments: 9, t_segdir: 8 }, 1],
  ['fts3(content=t, x)', { t_content: 3, t_segments: 9, t_segdir: 8 }, 3],
  ['rtree(id, a, b)', { t_node: 9, t_rowid: 3, t_parent: 8 }, 3],
  ['[geopoly]()', { T_NODE: 9, T_ROWID: 3, T_PARENT: 8 }, 3],
  ['unheard_of(x)', { t_rows: 3, t_info: 2 }, 3],
])('%s has the rows that its module keeps in %j', (using, stored, rows) => {
  expect(counted(stored, virtual('t', using))).toEqual({ t: rows });
});

test.each(["fts5(x, content='Posts')", 'fts4(content=posts, x)', "fts5(x, con='posts')"])(
  '%s is an index over another table, and has no rows of its own',
  (using) => {
    const stored = { posts: 5, t_data: 9, t_idx: 8, t_docsize: 3, t_segments: 1, t_segdir: 1, t_stat: 1, t_config: 1 };
    const { posts, ...rest } = counted(stored, virtual('t', using));
    expect(posts).toBe(5);
    expect(rest).not.toHaveProperty('t');
  },
);

test.each(['fts5vocab(t, row)', 'unheard_of(x)'])('%s keeps nothing, and is no table of rows', (using) => {
  expect(counted({}, virtual('words', using))).toEqual({});
});

test.each([
  ['docs_authors', 'docs', 'fts5(x)'],
  ['docs_node', 'docs', 'fts5(x)'],
  ['docsdata', 'docs', 'fts5(x)'],
  ['docs-data', 'docs', 'fts5(x)'],
  ['data_docs', 'docs', 'fts5(x)'],
  ['a_b', 'a_', 'unheard_of(x)'],
  ['docs', 'docs', 'constructor(x)'],
])("%s is not one of the tables of %s, a %s, but the user's own", (name, owner, using) => {
  expect(counted({ [name]: 4 }, virtual(owner === name ? 'other' : owner, using))).toEqual({ [name]: 4 });
});

test('of two virtual tables whose module nobody knows, a table belongs to the one with the longer name', () => {
  expect(counted({ a_b_c: 4, a_x: 2 }, virtual('a', 'unheard_of'), virtual('a_b', 'unheard_of'))).toEqual({
    a: 2,
    a_b: 4,
  });
});

test('a virtual table is one by its first words', () => {
  const isBeside = (sql: string) => !countedTables([table('t_x'), table('t', sql)]).some(({ name }) => name === 't_x');
  expect(isBeside('\n create\tVirtual\n table t USING other(x)')).toBe(true);
  expect(isBeside("CREATE TABLE t(x DEFAULT ' CREATE VIRTUAL TABLE ')")).toBe(false);
  expect(isBeside('CREATE VIRTUALLY')).toBe(false);
});
