import fc from 'fast-check';

/** What has broken readers of JSON, of paths, of numbers and of SQL before. */
const NASTY: readonly string[] = [
  ...['null', 'true', '{}', '[]', '""', '0', '-1', '-0.0', '1e999', 'NaN', 'Infinity', '0x10', '1_000', '01', '.5'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775809', '9007199254740993', '4294967296'],
  ...['"__proto__"', '"constructor"', '"toString"', '"rowid"', '"sqlite_master"', '"sqlite_sequence"'],
  ...['"../../app.db"', '"/etc/passwd"', '"parts/../x"', '"C:\\\\x"', '"\\u0000"', '"\\ud800"', '"\\u001b[2J"'],
  ...[
    '{"$blob":"AAA="}',
    '{"$blob":1}',
    '{"$real":"NaN"}',
    '{"$text":"//8="}',
    '{"$x":""}',
    '{"a":{"b":[1]}}',
    '[[1]]',
  ],
  ...['<<<<<<< HEAD\n', '=======\n', '\ufeff', '\u0000', '\\', '"', '{', '}', '[', ']', ',', ':', '\n', '/* */', "'"],
  ...[`"${'x'.repeat(5000)}"`, '['.repeat(3000), '{"a":'.repeat(3000), '9'.repeat(400)],
];

const SQL: readonly string[] = [
  "ATTACH 'trap' AS a",
  "VACUUM INTO 'trap'",
  'CREATE TABLE x AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n',
  'CREATE TABLE x(a); DROP TABLE orders',
  'CREATE VIRTUAL TABLE x USING dbstat',
  'CREATE VIRTUAL TABLE x USING fts5(a)',
  'CREATE TRIGGER x AFTER INSERT ON orders BEGIN DELETE FROM orders; END',
  'CREATE VIEW x AS SELECT * FROM y',
  'CREATE INDEX x ON orders(note)',
  'CREATE UNIQUE INDEX x ON orders(1)',
  'CREATE TABLE x(a, b AS (a || b))',
  'CREATE TABLE x(a CHECK (a > load_extension(a)))',
  'PRAGMA writable_schema = on',
  '',
];

/** One thing done to a text. `at` and `to` are places, as shares of its length. */
export interface Mutation {
  readonly kind: 'flip' | 'cut' | 'drop' | 'insert' | 'replace' | 'repeat' | 'swap' | 'value';
  readonly at: number;
  readonly to: number;
  readonly with: string;
}

const share = fc.integer({ min: 0, max: 9999 }).map((n) => n / 10_000);

export const anyNasty = fc.constantFrom(...NASTY);
export const anySql = fc.constantFrom(...SQL);

export const anyMutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'drop', 'insert', 'replace', 'repeat', 'swap', 'value'),
  at: share,
  to: share,
  with: fc.oneof(anyNasty, fc.string({ maxLength: 8 })),
});

/** Byte by byte, because what arrives need not be text. */
export function mutated(bytes: Buffer, mutation: Mutation): Buffer {
  const at = Math.floor(mutation.at * bytes.length);
  const to = Math.min(bytes.length, at + Math.floor(mutation.to * 40) + 1);
  const put = Buffer.from(mutation.with);
  const before = bytes.subarray(0, at);
  switch (mutation.kind) {
    case 'flip': {
      const flipped = Buffer.from(bytes);
      flipped[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(mutation.to * 8));
      return flipped;
    }
    case 'cut':
      return before;
    case 'drop':
      return Buffer.concat([before, bytes.subarray(to)]);
    case 'insert':
      return Buffer.concat([before, put, bytes.subarray(at)]);
    case 'replace':
      return Buffer.concat([before, put, bytes.subarray(to)]);
    case 'repeat':
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    case 'swap': {
      const other = Math.floor(mutation.to * bytes.length);
      const [low, high] = at < other ? [at, other] : [other, at];
      return Buffer.concat([bytes.subarray(high), bytes.subarray(low, high), bytes.subarray(0, low)]);
    }
    case 'value': {
      // The first JSON value after a colon from here on.
      const text = bytes.toString('latin1');
      const found = /:\s*("(?:[^"\\]|\\.)*"|[^\s,{}[\]]+)/g;
      found.lastIndex = at;
      const match = found.exec(text);
      if (match === null) return Buffer.concat([bytes, put]);
      const end = match.index + match[0].length;
      return Buffer.concat([bytes.subarray(0, end - (match[1]?.length ?? 0)), put, bytes.subarray(end)]);
    }
  }
}
