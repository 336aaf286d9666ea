import fc from 'fast-check';

/** An SQLite database as people make them: declared types, and values of which most are what was declared. */
export interface LooseTables {
  /** Statements that make it. */
  readonly sql: readonly string[];
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const hex = (bytes: Uint8Array) => `x'${Buffer.from(bytes).toString('hex')}'`;

const anyText = fc
  .string({
    unit: fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      fc.constantFrom('\\', '"', "'", '\n', '\t', '\u0001', '\u007f', '\u2028'),
    ),
    maxLength: 12,
  })
  .filter((each) => !each.includes('\0'))
  .map(text);
const anyInteger = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }).map(String),
  fc.integer({ min: -3, max: 300 }).map(String),
);
const anyReal = fc.oneof(
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => (Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value))),
  fc.constantFrom('9e999', '-9e999', '0.0', '1e15', '1e16', '1e-5', '0.0001', '5e-324', '1.7976931348623157e308'),
);
const anyBytes = fc.uint8Array({ maxLength: 8 }).map(hex);
const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** By declared type what is usually in a column of it. */
const USUAL: Readonly<Record<string, fc.Arbitrary<string>>> = {
  INTEGER: anyInteger,
  BIGINT: anyInteger,
  REAL: anyReal,
  'DOUBLE PRECISION': anyReal,
  NUMERIC: fc.oneof(anyInteger, anyReal),
  'DECIMAL(10, 2)': fc.integer({ min: -100_000, max: 100_000 }).map((cents) => (cents / 100).toFixed(2)),
  TEXT: anyText,
  'VARCHAR(3)': anyText,
  BLOB: anyBytes,
  BOOLEAN: fc.constantFrom('0', '1'),
  DATE: day.map((iso) => text(iso.slice(0, 10))),
  DATETIME: day.map((iso) => text(`${iso.slice(0, 10)} ${iso.slice(11, 19)}`)),
  TIME: day.map((iso) => text(iso.slice(11, 19))),
  JSON: fc.json({ maxDepth: 2 }).map(text),
  UUID: fc.uuid().map(text),
  '': fc.oneof(anyInteger, anyText),
};

/** What nobody expects there. */
const odd = fc.oneof(anyText, anyInteger, anyReal, anyBytes);

const column = fc.constantFrom(...Object.keys(USUAL)).chain((type) =>
  fc.record({
    name: fc.oneof(
      fc.constantFrom('a', 'b b', 'C', 'select', 'ü', 'rowid'),
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 6 }),
    ),
    type: fc.constant(type),
    isLoose: fc.boolean().map((is) => is),
    values: fc.array(
      fc.oneof({ weight: 9, arbitrary: USUAL[type] ?? odd }, { weight: 1, arbitrary: fc.constant('NULL') }),
      { minLength: 6, maxLength: 6 },
    ),
    odds: fc.array(odd, { minLength: 6, maxLength: 6 }),
  }),
);

const key = fc.constantFrom(
  'id INTEGER PRIMARY KEY',
  'id INTEGER PRIMARY KEY AUTOINCREMENT',
  'id INT',
  'id TEXT PRIMARY KEY',
);

const table = fc.record({
  key,
  columns: fc.uniqueArray(column, { selector: ({ name }) => name.toLowerCase(), minLength: 1, maxLength: 5 }),
  rows: fc.integer({ min: 0, max: 6 }),
  /** How many columns hold what nobody expects. */
  loose: fc.constantFrom(0, 0, 0, 1),
});

export const looseTables: fc.Arbitrary<LooseTables> = fc.array(table, { minLength: 1, maxLength: 3 }).map((tables) => ({
  sql: tables.flatMap(({ key: first, columns, rows, loose }, at) => {
    const kept = columns.filter(({ name }) => name.toLowerCase() !== 'id' && !name.includes('\0'));
    const name = quoted(`table ${at}`);
    const definitions = [first, ...kept.map((each) => `${quoted(each.name)} ${each.type}`)];
    const inserts = Array.from({ length: rows }, (_, row) => {
      const values = kept.map((each, place) => (place < loose ? each.odds[row] : each.values[row]) ?? 'NULL');
      return `INSERT INTO ${name} VALUES (${[String(row * 3 + 1), ...values].join(', ')})`;
    });
    return [`CREATE TABLE ${name}(${definitions.join(', ')})`, ...inserts];
  }),
}));
