import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { firstRow } from '../../../src/engines/postgres/restore/first-row.ts';
import { linesToCopy } from '../../../src/engines/postgres/restore/lines-to-copy.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';

/** As COPY takes it, however the lines are cut. */
function copied(keys: readonly string[], lines: string | Buffer, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(lines);
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  const converter = linesToCopy('t', keys);
  let from = 0;
  let out = '';
  for (const end of ends) {
    out += Buffer.from(converter.convert(bytes.subarray(from, end))).toString('latin1');
    from = end;
  }
  converter.end();
  expect(converter.rows()).toBe(bytes.toString('latin1').split('\n').length - 1);
  return Buffer.from(out, 'latin1').toString('utf8');
}

const refusal = (keys: readonly string[], lines: string) => {
  try {
    return copied(keys, lines);
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${error.code}` : error;
  }
};

test('each value becomes what COPY means by it', () => {
  const line = (value: string) => copied(['a', 'b'], `{"a":${value},"b":1}\n`);
  expect(line('null')).toBe('\\N\t1\n');
  expect([line('true'), line('false')]).toEqual(['t\t1\n', 'f\t1\n']);
  expect(line('-1.50e+10')).toBe('-1.50e+10\t1\n');
  expect(line('"\\\\N"')).toBe('\\\\N\t1\n');
  expect(line('"\\"\\/\\b\\f\\n\\r\\t"')).toBe('"/\\b\\f\\n\\r\\t\t1\n');
  expect(line('"\\u0009\\u000a\\u000d\\u005c\\u0001\\u00e9\\u20ac\\ud83d\\ude00"')).toBe(
    '\\t\\n\\r\\\\\u0001é€😀\t1\n',
  );
  expect(line('{"$blob":"AP8Q"}')).toBe('\\\\x00ff10\t1\n');
  expect([line('{"$blob":""}'), line('{"$blob":"AA=="}'), line('{"$blob":"AAE="}')]).toEqual([
    '\\\\x\t1\n',
    '\\\\x00\t1\n',
    '\\\\x0001\t1\n',
  ]);
  expect(copied([], '{}\n{}\n')).toBe('\n\n');
});

test('what is no row of the table is refused, and not guessed at', () => {
  for (const line of [
    '{"a":1}\n{"b":1}\n',
    '{"a":1,"b":2}\n',
    '{"a":1}',
    '{"a":1',
    '{"a":"x\n',
    '{}\n',
    '{"a": 1}\n',
    '{"a":[1]}\n',
    '{"a":{"x":1}}\n',
    '{"a":{"$blob":"?"}}\n',
    '{"a":{"$blob":"AAA"}}\n',
    '{"a":nul}\n',
    '{"a":nullx}\n',
    '{"a":1\t2}\n',
    '{"a":\\N}\n',
    '{"a":"\\u0000"}\n',
    '{"a":"\\ud800"}\n',
    '{"a":"\\x"}\n',
    '{"a":"\t"}\n',
    '{"a":1}\r\n',
  ])
    expect([line, refusal(['a'], line)]).toEqual([line, 'RESTORE_INEXACT']);
  expect(refusal([], '{"a":1}\n')).toBe('RESTORE_INEXACT');
});

test('the first row names its values, however long they are', () => {
  const keysOf = (text: string) => {
    const first = firstRow();
    for (const byte of Buffer.from(text)) first.see(Uint8Array.of(byte));
    return first.keys();
  };
  expect(keysOf('')).toBeUndefined();
  expect(keysOf('{}\n')).toEqual([]);
  expect(keysOf('{"a\\"b":"x,\\"y\\":","ü":{"$blob":"AA=="},"c":null}\n{"other":1}\n')).toEqual(['a"b', 'ü', 'c']);
});

const rows = fc.array(
  fc.record({
    n: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    s: fc.option(fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed())),
    b: fc.option(fc.uint8Array()),
    f: fc.boolean(),
  }),
  { maxLength: 20 },
);
type Rows = typeof rows extends fc.Arbitrary<infer T> ? T : never;

const linesOf = (some: Rows) =>
  some
    .map(({ n, s, b, f }) => {
      const bytes = b === null ? 'null' : `{"$blob":"${Buffer.from(b).toString('base64')}"}`;
      return `{"n":${n},"s":${JSON.stringify(s)},"b":${bytes},"f":${f}}\n`;
    })
    .join('');

describe.skipIf(postgresPrograms() === undefined)('PostgreSQL', () => {
  test('takes every row as it was, however the lines are cut', async () => {
    const database = await freshDatabase();
    database.psql('CREATE TABLE t (at serial, n bigint, s text, b bytea, f boolean)');
    const session = await connectToServer(database.url, {});
    try {
      await fc.assert(
        fc.asyncProperty(rows, fc.array(fc.nat(5000), { maxLength: 30 }), async (some, cuts) => {
          const text = copied(['n', 's', 'b', 'f'], linesOf(some), cuts);
          await session.query('TRUNCATE t');
          await session.copyIn('COPY t (n, s, b, f) FROM STDIN', only(Buffer.from(text)));
          const there = await session.query("SELECT n, s, encode(b, 'hex'), f FROM t ORDER BY at");
          expect(there).toEqual(
            some.map(({ n, s, b, f }) => [
              n === null ? null : `${n}`,
              s,
              b === null ? null : Buffer.from(b).toString('hex'),
              f ? 't' : 'f',
            ]),
          );
        }),
        { numRuns: 100 },
      );
    } finally {
      await session.close();
    }
  });
});

async function* only(bytes: Uint8Array) {
  yield bytes;
}
