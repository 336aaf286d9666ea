import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import type { TableDiff } from '../../src/operations/compare-table.ts';
import { type Diff, diff } from '../../src/operations/diff.ts';
import { diffInMarkdown } from '../../src/operations/diff-markdown.ts';
import { gridOf, noColumns } from '../../src/operations/grid.ts';
import { unseal } from '../../src/operations/unseal.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** Small tables beside one that is kept in parts, and one that numbers its own rows. */
function shop() {
  const project = projectIn(scratch());
  const run = (sql: string) => {
    const db = new Database(project.db);
    db.exec(sql);
    db.close();
  };
  run(`CREATE TABLE orders(id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT, cents INTEGER);
    INSERT INTO orders(item, cents) VALUES ('tea', 300), ('cake', 450), ('jam', 200);
    CREATE TABLE words(word TEXT); INSERT INTO words VALUES ('a'), ('b');
    CREATE TABLE wide(id INTEGER PRIMARY KEY, line TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    INSERT INTO wide SELECT i, 'line ' || i || ' ' || hex(zeroblob(40)) FROM n;`);
  const save = async () => (await backup(project, { trigger: 'test' })).name;
  return { project, run, save };
}

describe('what differs', () => {
  test('between a backup and the database is nothing, until a row is written', async () => {
    const { project, run, save } = shop();
    const name = await save();
    const nothing = { from: name, to: 'the database', tables: [], schema: { added: [], changed: [], removed: [] } };
    expect(await diff(project, undefined, undefined, 10)).toEqual(nothing);
    run("INSERT INTO orders(item, cents) VALUES ('pie', 500)");
    // The counter of the rows that it numbers itself is no table of anybody's.
    expect((await diff(project, undefined, undefined, 10)).tables).toEqual([
      {
        table: 'orders',
        rowsBefore: 3,
        rowsAfter: 4,
        added: 1,
        changed: 0,
        removed: 0,
        rows: [{ kind: 'added', key: '4', after: expect.stringContaining('"pie"') }],
      },
    ]);
  });

  test('is told row by row, as many as are asked for, in small tables and large ones', async () => {
    const { project, run, save } = shop();
    const before = await save();
    run(`UPDATE orders SET cents = 350 WHERE item = 'tea'; DELETE FROM orders WHERE item = 'jam';
      UPDATE wide SET line = 'other' WHERE id IN (7, 2900); INSERT INTO wide VALUES (9000, 'new'); DELETE FROM wide WHERE id = 1500;
      INSERT INTO words VALUES ('b');`);
    const after = await save();
    const found = await diff(project, before, after, 2);
    expect(found).toMatchObject({ from: before, to: after });
    const counts = found.tables.map(({ table, added, changed, removed, rows }) => [
      table,
      added,
      changed,
      removed,
      rows.length,
    ]);
    expect(counts.sort()).toEqual([
      ['orders', 0, 1, 1, 2],
      ['wide', 1, 2, 1, 2],
      ['words', 1, 0, 0, 1],
    ]);
    const orders = found.tables.find(({ table }) => table === 'orders')?.rows ?? [];
    expect(orders.map(({ before: was, after: is }) => [was?.includes('300'), is?.includes('350')])).toContainEqual([
      true,
      true,
    ]);
    const none = await diff(project, after, undefined, 2);
    expect(none.tables).toEqual([]);
  });

  test('the other way round it is the other way round', async () => {
    const { project, run, save } = shop();
    const before = await save();
    run("DELETE FROM orders WHERE item = 'jam'");
    const after = await save();
    const [gone] = (await diff(project, before, after, 1)).tables;
    const [came] = (await diff(project, after, before, 1)).tables;
    expect([gone?.removed, gone?.added, came?.removed, came?.added]).toEqual([1, 0, 0, 1]);
  });

  test('of definitions is told by name', async () => {
    const { project, run, save } = shop();
    await save();
    run('CREATE INDEX by_item ON orders(item); DROP TABLE words; ALTER TABLE wide ADD COLUMN more');
    expect((await diff(project, undefined, undefined, 0)).schema).toEqual({
      added: ['index by_item'],
      changed: ['table wide'],
      removed: ['table words'],
    });
  });

  test('of a backup that misses a part is not told', async () => {
    const { project, save } = shop();
    const name = await save();
    const [part = ''] = (await project.store.list('parts')).keys();
    await project.store.batch((batch) => batch.remove([part]));
    await expect(diff(project, name, undefined, 1)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });
});

describe('what differs, as Markdown', () => {
  const empty: Diff = { from: 'a', to: 'b', tables: [], schema: { added: [], changed: [], removed: [] } };
  const table: TableDiff = { table: 't', rowsBefore: 5, rowsAfter: 5, added: 0, changed: 0, removed: 0, rows: [] };
  const lossy: TableDiff = {
    ...table,
    table: 'lossy',
    rowsAfter: 3,
    removed: 2,
    rows: [{ kind: 'removed', key: '1', before: '{"id":1}' }],
  };
  const emptied = { ...table, table: 'emptied', rowsAfter: 0, removed: 5 };
  const grown: TableDiff = {
    ...table,
    table: 'grown',
    rowsAfter: 1006,
    added: 1001,
    rows: [{ kind: 'added', key: '2', after: '{"id":2}' }],
  };

  test('nothing is said in one line', () => {
    expect(diffInMarkdown(empty)).toBe('### No row differs from `a` to `b`');
  });

  test('rows that are gone are warned of, and come first', () => {
    const text = diffInMarkdown({ ...empty, tables: [grown, lossy, emptied] });
    expect(text).toContain('⚠️ `lossy` is without 2 of the 5 rows that it had.');
    expect(text).toContain('⚠️ `emptied` is empty now: all of its 5 rows are gone.');
    expect(text).not.toContain('`grown` is');
    expect(text).not.toMatch(/… and .* more/);
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual([
      '| `lossy` | 0 | 0 | ⚠️ 2 | 3 |',
      '| `emptied` | 0 | 0 | ⚠️ 5 | 0 |',
      '| `grown` | 1,001 | 0 | 0 | 1,006 |',
    ]);
    expect(text).toContain('- {"id":1}\n');
    expect(text).toContain('+ {"id":2}\n');
    expect(text).toContain('… 1,000 more');
  });

  test('definitions and files are said even where no row differs', () => {
    const schema = { added: ['table new'], changed: ['view seen'], removed: ['table old'] };
    expect(diffInMarkdown({ ...empty, schema }).split('\n')).toEqual(
      expect.arrayContaining(['- new: `table new`', '- changed: `view seen`', '- ⚠️ gone: `table old`']),
    );
    const files = { added: 1, changed: 0, removed: 2, paths: [] };
    expect(diffInMarkdown({ ...empty, files })).toContain('Files: 1 added, 0 changed, ⚠️ 2 removed.');
    expect(diffInMarkdown({ ...empty, files: { ...files, removed: 0 } })).toContain(
      'Files: 1 added, 0 changed, 0 removed.',
    );
    expect(diffInMarkdown({ ...empty, files: { ...files, added: 0, removed: 0 } })).toContain('No row differs');
  });

  test('of encrypted backups no name and no value is told', () => {
    const text = diffInMarkdown({ ...empty, tables: [lossy, grown], encrypted: true });
    expect(text).toContain('⚠️ 1,001 added, 0 changed, 2 removed.');
    expect(text).not.toMatch(/lossy|grown|"id"/);
  });

  test('it stays as long as a comment may be, and what is lost is not what is cut off', () => {
    const many = Array.from(
      { length: 400 },
      (_, n): TableDiff => ({
        ...table,
        table: `t${n}`,
        changed: 3,
        rows: Array.from({ length: 3 }, () => ({
          kind: 'changed',
          key: '1',
          before: 'x'.repeat(400),
          after: 'y'.repeat(400),
        })),
      }),
    );
    const text = diffInMarkdown({ ...empty, tables: [...many, lossy] });
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('| `lossy` |');
    expect(text).toContain('| … and 201 more |');
    expect(text).not.toContain('more tables');
    expect(text).toContain(`- ${'x'.repeat(160)}…\n`);
  });
});

describe('rows of a backup that are looked at', () => {
  async function wide() {
    const { project, save } = shop();
    const opened = await openBackup(project.store, await save());
    const { manifest, store } = await unseal(undefined, project.store, opened);
    const data = manifest.data.get('wide') ?? { rows: [] };
    const known = noColumns();
    return (limit: number, after?: number, typed?: string, descending?: boolean) =>
      gridOf(
        store,
        data,
        {
          limit,
          after,
          sort: descending === undefined ? undefined : { column: 'id', descending },
          filters: typed === undefined ? [] : [['line', typed]],
        },
        known,
      );
  }
  const idsOf = ({ rows }: { rows: readonly { line: string }[] }) =>
    rows.map(({ line }) => Number(JSON.parse(line).id));

  test('are those behind a number, and it is said how many come before', async () => {
    const rows = await wide();
    const first = await rows(2);
    expect(first).toMatchObject({ total: 3000, fitting: 3000, before: 0, rows: [{ number: 0 }, { number: 1 }] });
    expect(first.columns).toEqual(['id', 'line']);
    const middle = await rows(3, 1699);
    expect(idsOf(middle)).toEqual([1701, 1702, 1703]);
    expect(middle).toMatchObject({ before: 1700, rows: [{ number: 1700 }, { number: 1701 }, { number: 1702 }] });
    expect(idsOf(await rows(10, 2997))).toEqual([2999, 3000]);
    expect((await rows(2, 4999)).rows).toEqual([]);
  });

  test('are those in which a value holds what is searched for, in whatever case', async () => {
    const rows = await wide();
    const found = await rows(10, undefined, 'LINE 1234 ');
    expect([idsOf(found), found.fitting]).toEqual([[1234], 1]);
    expect(idsOf(await rows(10, 1233, 'line 1234 '))).toEqual([]);
    // The name of a column is no value of it.
    expect(idsOf(await rows(10, undefined, '"line"'))).toEqual([]);
    expect(idsOf(await rows(10, undefined, 'line.1234'))).toEqual([]);
  });

  test('are sorted, and page by page each comes once', async () => {
    const rows = await wide();
    const all: number[] = [];
    for (let after: number | undefined; ; ) {
      const page = await rows(400, after, undefined, true);
      all.push(...idsOf(page));
      after = page.rows.at(-1)?.number;
      if (page.rows.length < 400) break;
    }
    expect(all).toEqual(Array.from({ length: 3000 }, (_, at) => 3000 - at));
  });
});

test('files beside the rows differ like rows', async () => {
  const root = scratch();
  const uploads = join(root, 'uploads');
  mkdirSync(uploads);
  writeFileSync(join(uploads, 'a.txt'), 'a');
  const files = { folders: [{ name: 'uploads', path: uploads }], top: root, never: [], largest: 1e6, largestSum: 1e6 };
  const project = projectIn(root, { files });
  const db = new Database(project.db);
  db.exec("CREATE TABLE t(x); INSERT INTO t VALUES ('x')");
  db.close();
  await backup(project, { trigger: 'test' });
  expect((await diff(project, undefined, undefined, 1)).files).toMatchObject({ added: 0, changed: 0, removed: 0 });
  writeFileSync(join(uploads, 'a.txt'), 'other');
  writeFileSync(join(uploads, 'b.txt'), 'b');
  expect((await diff(project, undefined, undefined, 1)).files).toMatchObject({ added: 1, changed: 1, removed: 0 });
});
