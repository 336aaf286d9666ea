import { expect, test } from 'vitest';
import type { ColumnKind } from '../../../src/core/common/definitions.ts';
import type { ColumnType, ToldTable } from '../../../src/engines/across.ts';
import { chooseTypes } from '../../../src/operations/across/choose-types.ts';
import { judgeReferences, targetsOf } from '../../../src/operations/across/references.ts';
import { onlyTypes, WHOLE } from '../../support/across.ts';

/** What a column of another database becomes, and what is said where its values are not what it was meant for. */

const words: ColumnType = {
  name: 'text',
  held: 'texts',
  write: (value) => (typeof value === 'string' ? JSON.stringify(value) : undefined),
  read: (member) => String(JSON.parse(member)),
};
const anything: ColumnType = { ...words, name: 'anything', write: (value) => (value === true ? undefined : '1') };
const ALL = [WHOLE, words, anything];

const types = onlyTypes({ integer: [WHOLE], text: [words], any: ALL });

const readAny = (member: string) => {
  const value: unknown = JSON.parse(member);
  return typeof value === 'number' ? BigInt(value) : typeof value === 'string' || value === true ? value : null;
};

const column = (name: string, kind: ColumnKind = 'integer', counts = false) => ({
  name,
  kind,
  declared: '',
  notNull: false,
  counts,
  read: readAny,
});

const table = (name: string, changes: Partial<ToldTable> = {}): ToldTable => ({
  name,
  stored: name,
  columns: [column('id', 'integer', true), column('size')],
  uniques: [],
  references: [],
  checks: [],
  indexes: [],
  rowNames: ['id'],
  ...changes,
});

const slicesOf = (rows: readonly Readonly<Record<string, unknown>>[]) =>
  async function* () {
    yield Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  };

async function chosen(of: ToldTable, ...rows: readonly Readonly<Record<string, unknown>>[]) {
  let seen = 0;
  const found = await chooseTypes(of, types, slicesOf(rows), () => seen++);
  expect(seen).toBe(rows.length);
  expect(found.rows).toBe(rows.length);
  return found.columns;
}

test('a column that holds what it is meant for is that, and the largest number that its rows were given is known', async () => {
  const [id, size] = await chosen(table('t'), { id: 7, size: null }, { id: 9, size: 1 }, { id: 8, size: 2 });
  expect(id).toEqual({ type: WHOLE, hasNull: false, largest: 9n });
  expect(size).toEqual({ type: WHOLE, hasNull: true });
});

test('one that does not is what holds all of its values, and what does not fit is shown, the first of it', async () => {
  const rows = Array.from({ length: 7 }, (_, n) => ({ id: n, size: n === 0 ? 4 : `word ${n}` }));
  const [, size] = await chosen(table('t'), ...rows);
  expect(size?.type).toBe(anything);
  expect(size?.misfits).toMatchObject({ type: WHOLE, count: 6 });
  expect(size?.misfits?.first.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5].map((n) => `id = ${n}`));
  expect(size?.misfits?.first[0]?.value).toContain('word 1');
  const [, onlyWords] = await chosen(table('t'), { id: 1, size: 'a' }, { id: 2, size: 'b' });
  expect(onlyWords?.type).toBe(words);
});

test('where nothing holds them all, there is no type', async () => {
  const [, size] = await chosen(table('t'), { id: 1, size: true });
  expect(size).toMatchObject({ type: undefined, misfits: { count: 1 } });
});

test('a column that was declared for nothing is what it holds, without a word about it', async () => {
  const any = table('t', { columns: [column('id'), column('size', 'any')] });
  const [, size] = await chosen(any, { id: 1, size: 'a' });
  expect(size).toEqual({ type: words, hasNull: false });
});

test('no secret is shown, neither as the value nor as what tells the row', async () => {
  const secret = table('t', { columns: [column('password'), column('size')], rowNames: ['password'] });
  const [password, size] = await chosen(secret, { password: 'geheim', size: 'x' });
  expect(JSON.stringify([password?.misfits?.first, size?.misfits?.first])).not.toContain('geheim');
});

test('a row is told by its number where that is all it has, and else by what it begins with', async () => {
  const numbered = table('t', { number: 'rowid', rowNames: ['rowid'] });
  const [, size] = await chosen(numbered, { id: 1, size: 'x', rowid: 42 });
  expect(size?.misfits?.first[0]?.row).toBe('row 42');
  const [, nameless] = await chosen(table('t', { rowNames: [] }), { id: 5, size: 'x' });
  expect(nameless?.misfits?.first[0]?.row).toBe('id = 5');
  const [, keyed] = await chosen(table('t', { number: 'rowid', rowNames: ['id', 'size'] }), {
    id: 5,
    size: 'x',
    rowid: 1,
  });
  expect(keyed?.misfits?.first[0]?.row).toMatch(/^id = 5, size = .*x/);
});

const reference = {
  columns: ['size'],
  table: 'parents',
  to: ['id'],
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
  waits: false,
} as const;

/** A key from children to parents, judged by the rows of both. */
async function judged(children: readonly unknown[], parents: readonly unknown[], changes: Partial<ToldTable> = {}) {
  const parent = table('parents', { primary: { columns: ['id'] }, ...changes });
  const child = table('children', { references: [reference] });
  const rowsOf = (values: readonly unknown[], name: string) =>
    values.map((value) => ({ id: 1, size: 1, [name]: value }));
  const targets = targetsOf([child, parent]);
  const looked = new Map<string, { table: ToldTable; found: Awaited<ReturnType<typeof chooseTypes>> }>();
  for (const [of, rows] of [
    [parent, rowsOf(parents, 'id')],
    [child, rowsOf(children, 'size')],
  ] as const)
    looked.set(of.name, { table: of, found: await chooseTypes(of, types, slicesOf(rows), targets.noting(of)) });
  return judgeReferences(child, looked, targets, slicesOf(rowsOf(children, 'size')));
}

test('a foreign key holds where every row points to one, or nowhere on purpose', async () => {
  const { references, lost } = await judged([1, 2, null, 2], [3, 2, 1]);
  expect(lost).toEqual([]);
  expect(references).toMatchObject([{ table: 'parents', isLoose: false }]);
});

test('one whose rows point to what is not there holds for later rows alone, and that is said', async () => {
  const { references, lost } = await judged([1, 5, 5], [1, null]);
  expect(references).toMatchObject([{ isLoose: true }]);
  expect(lost).toMatchObject([{ what: 'foreign key', name: 'children (size) to parents' }]);
  expect(lost[0]?.why).toMatch(/^2 rows point nowhere/);
  expect((await judged([5], [1])).lost[0]?.why).toMatch(/^1 row points nowhere/);
});

test('one that points to no key, or to a table that is not copied, is left out, and that is said', async () => {
  const { primary: _, ...keyless } = table('parents');
  const withoutKey = await judged([1], [1], { ...keyless, primary: { columns: ['size'] } });
  expect(withoutKey).toMatchObject({ references: [], lost: [{ why: 'what it points to is no key' }] });
  expect((await judged([1], [1], { uniques: [{ columns: ['id'] }], primary: { columns: ['size'] } })).lost).toEqual([]);
  expect((await judged([1], [1], { name: 'others' })).lost).toMatchObject([
    { why: 'the table that it points to is not copied' },
  ]);
  expect((await judged(['word'], [1])).references).toEqual([]);
});
