import { expect, test } from 'vitest';
import { type Cell, cellsIn, compareCells, filterOf, markOf } from '../../src/core/cell.ts';
import { membersOf, parse } from '../../src/core/json.ts';
import { chance } from '../support/chance.ts';

const NAMES = ['id', 'v', 'a"b', '$blob', 'x,"v":', '', 'größe'];
const VALUES = [
  '1',
  '-2.5',
  '1e300',
  '9007199254740993',
  'null',
  '"a"',
  '"\\\\"',
  '"\\",\\"v\\":1"',
  '{"$blob":"AAEC"}',
  '"ä\\n"',
  '"größe ☃ 𝒳"',
  '""',
  '0',
  '-0',
  '123456789012345',
  '1234567890123456',
];

test('values out of lines are what reading each properly gives, whatever stands around them', () => {
  const { pick, below } = chance();
  for (let n = 0; n < 1000; n++) {
    const rows = Array.from(
      { length: below(6) },
      () => new Map(Array.from({ length: 1 + below(5) }, () => [pick(NAMES), pick(VALUES)])),
    );
    const lines = rows.map(
      (members) => `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}\n`,
    );
    for (const name of NAMES) {
      const cells: Cell[] = [];
      cellsIn(Buffer.from(lines.join('')), markOf(name), cells);
      expect([lines, name, cells]).toEqual([
        lines,
        name,
        lines.map((line) => expected(membersOf(line.trimEnd()).get(name))),
      ]);
    }
  }
});

function expected(raw: string | undefined): Cell {
  if (raw === undefined) return undefined;
  if (raw.startsWith('{')) return raw;
  if (raw.startsWith('"')) return String(parse(raw));
  if (raw === 'null') return null;
  return raw === '9007199254740993' ? 9007199254740993n : Number(raw);
}

test('what is missing, nothing, numbers and text stand in this order', () => {
  const cells: Cell[] = ['b', 10, null, 'B', undefined, 9007199254740993n, 9007199254740992n, -1.5];
  expect(cells.sort(compareCells)).toEqual([null, -1.5, 10, 9007199254740992n, 9007199254740993n, 'B', 'b', undefined]);
  expect([undefined, null].map((cell) => compareCells(cell, undefined))).toEqual([0, 1]);
});

test.each<[string, Cell[]]>([
  ['lo', ['hello', 'LOW']],
  ['=10', [10]],
  ['>9', [10, 9007199254740993n]],
  ['<= 10', [10, -1]],
  ['NULL', [null, undefined]],
  ['>k', ['z']],
  ['=hello', ['hello']],
])('%s', (typed, fitting) => {
  const cells: Cell[] = ['hello', 'LOW', 10, 9007199254740993n, -1, null, undefined, 'z'];
  expect(cells.filter(filterOf(typed))).toEqual(fitting);
});
