import { expect, test } from 'vitest';
import type { ColumnType, ToldTable, WantedTable } from '../../src/engines/across.ts';
import type { Source } from '../../src/operations/across/source.ts';
import { linesFor } from '../../src/operations/across/target-lines.ts';
import { linesIn, rowsIn, type Slices } from '../../src/operations/row-lines.ts';

async function* given(...parts: readonly (string | readonly string[])[]): Slices {
  for (const part of parts)
    if (typeof part === 'string') yield Buffer.from(part);
    else yield { bytes: 0, pieces: pieces(part) };
}

async function* pieces(texts: readonly string[]) {
  // As who gives them may do, the same memory is used again for each.
  const held = Buffer.alloc(64);
  for (const text of texts) yield held.subarray(0, held.write(text));
}

const all = async <T>(some: AsyncIterable<readonly T[]>): Promise<T[]> => {
  const found: T[] = [];
  for await (const each of some) found.push(...each);
  return found;
};

test('rows that come in pieces are whole again, wherever they were cut', async () => {
  expect(await all(linesIn('t', given('1\n2\n', ['a l', 'ong', ' row\nb', '\nc\n'], ['d', 'e'], '3\n')))).toEqual([
    '1',
    '2',
    'a long row',
    'b',
    'c',
    'de',
    '3',
  ]);
  expect(await all(linesIn('t', given(['a\n'], [], '')))).toEqual(['a']);
});

test('a row’s members come in the order that is asked for, however it has them', async () => {
  const many = Array.from({ length: 600 }, (_, n) => `{"b":${n},"a":"x"}\n`).join('');
  const rows = await all(rowsIn('t', given(many), ['a', 'b']));
  expect(rows).toHaveLength(600);
  expect(rows[599]).toEqual(['"x"', '599']);
});

test('a row with other members than its table has columns is refused: what nobody knows of would not come along', async () => {
  for (const line of ['{"a":1}\n', '{"a":1,"b":2,"c":3}\n', '{"a":1,"c":2}\n'])
    await expect(all(rowsIn('t', given(line), ['a', 'b']))).rejects.toMatchObject({ code: 'RESTORE_INEXACT' });
});

const type: ColumnType = {
  name: 'text',
  held: 'texts',
  write: (value) => (value === 'none' ? undefined : JSON.stringify(`${value}!`)),
  read: (member) => String(JSON.parse(member)),
};

/** A table with one column, on its way to another database. */
function passing(types: readonly ColumnType[], rowNumber?: string) {
  const common = { name: 't', uniques: [], references: [], checks: [], indexes: [] };
  const column = { name: 'b', kind: 'text', declared: 'TEXT', notNull: false, counts: false } as const;
  const told: ToldTable = { ...common, stored: 't', columns: [{ ...column, read: type.read }], rowNames: [] };
  const wanted: WantedTable = { ...common, columns: types.map((each) => ({ ...column, type: each })) };
  const made = { name: 't', stored: 'theirs', ...(rowNumber === undefined ? {} : { rowNumber }) };
  const found = { rows: 2, columns: [] };
  const passages = [{ planned: { told, found, wanted }, wanted, made }];
  const rows = (text: string): Source => ({
    content: { schema: [], settings: {}, data: new Map() },
    rows: 2,
    slices: (table, share) => given(table === 't' && share?.index !== 1 ? text : ''),
  });
  const counters = { stored: 'counters', lines: ['{"n":7}'] };
  return async (stored: string, text = '{"b":"x"}\n{"b":"y"}\n', index?: number) => {
    const share = index === undefined ? undefined : { index, of: 2 };
    let said = '';
    for await (const bytes of linesFor(rows(text), passages, counters, stored, share)) said += Buffer.from(bytes);
    return said;
  };
}

test('rows come as the values that the other database has for them', async () => {
  const lines = passing([type]);
  expect(await lines('theirs')).toBe('{"b":"x!"}\n{"b":"y!"}\n');
  expect(await lines('theirs', undefined, 0)).toBe('{"b":"x!"}\n{"b":"y!"}\n');
  expect(await lines('theirs', undefined, 1)).toBe('');
  expect(await lines('another')).toBe('');
});

test('rows that are numbered are numbered once, from the first to the last', async () => {
  const lines = passing([type], 'rowid');
  expect(await lines('theirs')).toBe('{"rowid":1,"b":"x!"}\n{"rowid":2,"b":"y!"}\n');
  expect(await lines('theirs', undefined, 0)).toBe(await lines('theirs'));
  expect(await lines('theirs', undefined, 1)).toBe('');
});

test('where the numbers go on is said once', async () => {
  const lines = passing([type]);
  expect([await lines('counters'), await lines('counters', '', 0), await lines('counters', '', 1)]).toEqual([
    '{"n":7}\n',
    '{"n":7}\n',
    '',
  ]);
});

test('a value that has no place stops the copy, instead of being left out', async () => {
  await expect(passing([type])('theirs', '{"b":"none"}\n')).rejects.toThrow('a value has no place');
  await expect(passing([])('theirs')).rejects.toThrow('a value has no place');
});
