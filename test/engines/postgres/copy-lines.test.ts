import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wholeLines } from '../../../src/core/whole-lines.ts';
import { copyLines, type SavedColumn } from '../../../src/engines/postgres/copy-lines.ts';
import { tries } from '../../support/chance.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** As PostgreSQL's documentation says what COPY writes. */
const copied = (text: string | null) =>
  text === null ? '\\N' : text.replace(/[\b\f\n\r\t\v\\]/g, (mark) => ESCAPES[mark] ?? mark);

const COLUMNS: readonly SavedColumn[] = [
  { name: 'id', kind: 'number' },
  { name: 'a "name"\n', kind: 'text' },
  { name: 'ok', kind: 'boolean' },
  { name: 'ü', kind: 'bytes' },
];

interface Row {
  readonly id: bigint;
  readonly text: string | null;
  readonly ok: boolean | null;
  readonly bytes: Uint8Array | null;
}

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)), maxLength: 30 }),
  fc.constantFrom('\\N', '', '\\', '"', '\\.', '\u2028', '\x7f'),
);
const anyRows = fc.array(
  fc.record({
    id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    text: fc.option(anyText),
    ok: fc.option(fc.boolean()),
    bytes: fc.option(fc.uint8Array({ maxLength: 20 })),
  }),
  { maxLength: 20 },
);

const asCopied = ({ id, text, ok, bytes }: Row) =>
  `${[
    String(id),
    copied(text),
    ok === null ? '\\N' : ok ? 't' : 'f',
    bytes === null ? '\\N' : `\\\\x${Buffer.from(bytes).toString('hex')}`,
  ].join('\t')}\n`;

const asLine = ({ id, text, ok, bytes }: Row) => {
  const blob = bytes === null ? null : { $blob: Buffer.from(bytes).toString('base64') };
  const names = COLUMNS.slice(1).map(({ name }) => JSON.stringify(name));
  const values = [text, ok, blob].map((value, at) => `,${names[at]}:${JSON.stringify(value)}`);
  return `{"id":${id}${values.join('')}}\n`;
};

async function* inPieces(bytes: Buffer, sizes: readonly number[]) {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

test('what COPY writes becomes what JSON.stringify writes, however it comes', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
  const same = fc.asyncProperty(anyRows, sizes, async (rows, some) => {
    const lines = copyLines(COLUMNS, 0);
    const text: string[] = [];
    const keys: bigint[] = [];
    for await (const whole of wholeLines(inPieces(Buffer.from(rows.map(asCopied).join('')), some))) {
      const batch = lines.convert(whole);
      text.push(Buffer.from(batch.bytes).toString());
      keys.push(...Array.from(batch.ends, (_, line) => batch.keyAt(line)));
    }
    expect(text.join('')).toBe(rows.map(asLine).join(''));
    expect(keys).toEqual(rows.map(({ id }) => id));
  });
  await fc.assert(same, { numRuns: tries(500, 5000) });
});

const convert = (columns: readonly SavedColumn[], text: string) =>
  Buffer.from(copyLines(columns).convert(Buffer.from(text)).bytes).toString();

test('numbers that JSON does not know are texts', () => {
  const column = { name: 'n', kind: 'number' } as const;
  expect(convert([column], '1.10\n-0\n1e+20\nNaN\n-Infinity\nInfinity\n\\N\n')).toBe(
    '{"n":1.10}\n{"n":-0}\n{"n":1e+20}\n{"n":"NaN"}\n{"n":"-Infinity"}\n{"n":"Infinity"}\n{"n":null}\n',
  );
});

test('a row without columns is a row', () => {
  expect(convert([], '\n\n')).toBe('{}\n{}\n');
});

test('what is given does not change when more is converted', () => {
  const lines = copyLines([{ name: 'a', kind: 'text' }]);
  const first = lines.convert(Buffer.from('first\n'));
  lines.convert(Buffer.from(`${'second'.repeat(1000)}\n`));
  lines.convert(Buffer.from('third\n'));
  expect(Buffer.from(first.bytes).toString()).toBe('{"a":"first"}\n');
});

test('nor when memory is full and more is taken, wherever that is', () => {
  const lines = copyLines(
    [
      { name: 'n', kind: 'number' },
      { name: 'a', kind: 'text' },
    ],
    0,
  );
  const rows = Array.from(
    { length: 300 },
    (_, at) => `${at}\t${String.fromCharCode(97 + (at % 26)).repeat(at * 97)}\n`,
  );
  const given = rows.map((row) => lines.convert(Buffer.from(row + row)));
  for (const [at, { bytes, ends, keyAt }] of given.entries()) {
    const line = `{"n":${at},"a":"${String.fromCharCode(97 + (at % 26)).repeat(at * 97)}"}\n`;
    expect(Buffer.from(bytes).toString()).toBe(line + line);
    expect(ends).toEqual([line.length, 2 * line.length]);
    expect(keyAt(1)).toBe(BigInt(at));
  }
});

test('rows of nothing but what must be escaped find room', () => {
  const text = '\x01'.repeat(100_000);
  expect(JSON.parse(convert([{ name: 'a', kind: 'text' }], `${text}\n`))).toEqual({ a: text });
});
