import { expect, test } from 'vitest';
import {
  type Column,
  endIn,
  MISSING,
  NOTHING,
  NUMBER,
  startIn,
  TEXT,
  takeColumn,
} from '../../../src/core/grid/column.ts';
import { compareValues } from '../../../src/core/grid/compare.ts';
import { filterOf } from '../../../src/core/grid/filter.ts';
import { membersOf, parse } from '../../../src/core/json.ts';
import { chance } from '../../support/chance.ts';

const LONG = `${'long '.repeat(40)}ä`;
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
  JSON.stringify(LONG),
];

/** What a column has of a row: its rank, and what is written there. */
function told(column: Column, row: number): unknown {
  const text = Buffer.from(column.bytes.subarray(startIn(column, row), endIn(column, row))).toString();
  return [column.ranks[row], text];
}

function expected(raw: string | undefined): unknown {
  if (raw === undefined) return [MISSING, ''];
  if (raw === 'null') return [NOTHING, ''];
  if (raw.startsWith('"')) return [TEXT, parse(raw)];
  return [raw.startsWith('{') ? TEXT : NUMBER, raw];
}

test('values out of lines are what reading each properly gives, whatever stands around them and in however many slices', () => {
  const { pick, below } = chance();
  for (let n = 0; n < 1000; n++) {
    const rows = Array.from(
      { length: below(6) },
      () => new Map(Array.from({ length: 1 + below(5) }, () => [pick(NAMES), pick(VALUES)])),
    );
    const lines = rows.map(
      (members) => `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}\n`,
    );
    const cut = below(lines.length + 1);
    for (const name of NAMES) {
      const taking = takeColumn(name, lines.length, pick([0, 10_000]));
      for (const slice of [lines.slice(0, cut), lines.slice(cut)]) taking.add(Buffer.from(slice.join('')));
      const column = taking.taken();
      expect([lines, name, lines.map((_, row) => told(column, row))]).toEqual([
        lines,
        name,
        lines.map((line) => expected(membersOf(line.trimEnd()).get(name))),
      ]);
    }
  }
});

const columnOf = (values: readonly (string | undefined)[]): Column => {
  const taking = takeColumn('v', values.length, 0);
  taking.add(Buffer.from(values.map((value) => (value === undefined ? '{"w":1}\n' : `{"v":${value}}\n`)).join('')));
  return taking.taken();
};

/** Values in the order in which they are to stand. */
const IN_ORDER = [
  undefined,
  'null',
  '-1e300',
  '-9007199254740993',
  '-9007199254740992',
  '-1.5',
  '-1e-7',
  '0',
  '1e-320',
  '0.00000010000000000000006',
  '0.14285714285714285',
  '0.14285714285714288',
  '1',
  '2.5',
  '10',
  '1234567890123456.5',
  '9007199254740992',
  '9007199254740993',
  '9007199254740994.0',
  '12345678901234567890',
  '1e25',
  '""',
  '"B"',
  '"a"',
  '"a\\u0000"',
  '"a\\n"',
  '"ab"',
  '"abcdef"',
  '"abcdefg"',
  '"abcdefh"',
  '{"$blob":"AAEC"}',
  '"\uffee"',
  '"𝒳"',
];

test('what is missing, nothing, numbers and text stand in this order, each as SQLite sorts it', () => {
  for (const order of [IN_ORDER, IN_ORDER.toReversed()]) {
    const column = columnOf(order);
    const rows = order.map((_, row) => row);
    const sorted = rows.sort((a, b) => compareValues(column, a, column, b)).map((row) => order[row]);
    expect(sorted).toEqual(IN_ORDER);
  }
});

test('equal values are equal however they are written', () => {
  const column = columnOf(['1', '1.0', '10e-1', '"1"', '-0', '0', '1e2', '100']);
  const equal = (a: number, b: number) => compareValues(column, a, column, b) === 0;
  expect([equal(0, 1), equal(1, 2), equal(0, 3), equal(4, 5), equal(6, 7)]).toEqual([true, true, false, true, true]);
});

test('numbers sort as they are, whatever their digits', () => {
  const { pick, below } = chance();
  const digits = (most: number) => Array.from({ length: 1 + below(most) }, () => below(10)).join('');
  const written = () => {
    const whole = digits(pick([1, 3, 18])).replace(/^0+(?=\d)/, '');
    const exponent = below(4) === 0 ? `e${pick(['', '-', '+'])}${below(25)}` : '';
    return `${pick(['', '-'])}${whole}${below(2) === 0 ? '' : `.${digits(20)}`}${exponent}`;
  };
  for (let n = 0; n < 5000; n++) {
    const one = written();
    // Near it, as often as not.
    const other = below(2) === 0 ? written() : one.replace(/\d(?=\D*$)/, () => String(below(10)));
    const column = columnOf([one, other]);
    const isWhole = [one, other].every((each) => /^-?\d+$/.test(each));
    const [a, b] = isWhole ? [BigInt(one), BigInt(other)] : [Number(one), Number(other)];
    if (!isWhole && [one, other].some((each) => /^-?\d{16,}$/.test(each))) continue;
    const found = Math.sign(compareValues(column, 0, column, 1));
    expect([one, other, found]).toEqual([one, other, a < b ? -1 : a > b ? 1 : 0]);
  }
});

test.each<[string, string[]]>([
  ['lo', ['"hello"', '"LOW"']],
  ['LO', ['"hello"', '"LOW"']],
  ['', ['"hello"', '"LOW"', '10', '9007199254740993', '-1', '"z"', '"GRÖSSE"', '"10"']],
  ['größe', []],
  ['grö', ['"GRÖSSE"']],
  ['740993', ['9007199254740993']],
  ['=10', ['10', '"10"']],
  ['=1e1', ['10']],
  ['>9', ['10', '9007199254740993']],
  ['>9007199254740992', ['9007199254740993']],
  ['<= 10', ['10', '-1']],
  ['NULL', ['null', '-']],
  ['>k', ['"z"']],
  ['<A', ['"10"']],
  ['=hello', ['"hello"']],
  ['=hell', []],
])('%s', (typed, fitting) => {
  const values = ['"hello"', '"LOW"', '10', '9007199254740993', '-1', 'null', '-', '"z"', '"GRÖSSE"', '"10"'];
  const fits = filterOf(columnOf(values.map((each) => (each === '-' ? undefined : each))), typed);
  expect(values.filter((_, row) => fits(row))).toEqual(fitting);
});
