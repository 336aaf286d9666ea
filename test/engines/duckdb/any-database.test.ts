import fc from 'fast-check';
import { expect, test } from 'vitest';
import { save } from '../../support/as-backup.ts';
import { tries } from '../../support/chance.ts';
import { differencesBetween, fileOf, literal, on, open, quoted, restored } from './support.ts';

/** A name of anything, now and then one that only quotes make a name. */
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 'id', 'up', 'select', 'at', 'Aä', 'x y') },
  fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom(...'ab"\'.,;()[]{}:= \\$#-ü😀') }),
);

const text = fc.string({
  maxLength: 12,
  unit: fc.constantFrom(...'abNULL"\'\\,;[]{}()=: \n\r\t\u0000\u0001\u0002\u0003\u0007\u001f\u007fü€😀\u2028'),
});
const textSql = text.map((value) =>
  [...value].length === 0 ? "''" : [...value].map((each) => `chr(${each.codePointAt(0)})`).join(' || '),
);
const whole = (from: bigint, to: bigint) => fc.bigInt(from, to).map(String);
/** Zeros have one sign: of zeros of both in a column, DuckDB itself keeps one when it packs them into its file. */
const fraction = (value: number): string =>
  Number.isFinite(value) ? `${value}::DOUBLE` : `'${value > 0 ? 'inf' : value < 0 ? '-inf' : 'nan'}'::DOUBLE`;
const double = fc.double().map(fraction);
/** What is too small for a FLOAT would be a zero that has its sign. */
const float = fc.float().map((value) => `TRY_CAST(${fraction(value)} AS FLOAT)`);
const time = whole(-62_135_596_800_000_000n, 253_402_300_799_999_999n);

interface TypeOf {
  readonly type: string;
  readonly value: fc.Arbitrary<string>;
}

const SIMPLE: readonly TypeOf[] = [
  { type: 'INTEGER', value: whole(-(2n ** 31n), 2n ** 31n - 1n) },
  { type: 'BIGINT', value: whole(-(2n ** 63n), 2n ** 63n - 1n) },
  { type: 'UBIGINT', value: whole(0n, 2n ** 64n - 1n) },
  { type: 'HUGEINT', value: whole(-(2n ** 127n), 2n ** 127n - 1n).map((value) => `'${value}'::HUGEINT`) },
  {
    type: 'DECIMAL(38,9)',
    value: fc
      .tuple(whole(-(10n ** 28n), 10n ** 28n), fc.nat(999_999_999))
      .map(([value, rest]) => `'${value}.${String(rest).padStart(9, '0')}'::DECIMAL(38,9)`),
  },
  { type: 'BOOLEAN', value: fc.constantFrom('true', 'false') },
  { type: 'DOUBLE', value: double },
  { type: 'FLOAT', value: float },
  { type: 'VARCHAR', value: textSql },
  {
    type: 'BLOB',
    value: fc.uint8Array({ maxLength: 9 }).map((bytes) => `from_hex('${Buffer.from(bytes).toString('hex')}')`),
  },
  { type: 'TIMESTAMP', value: time.map((value) => `make_timestamp(${value}::BIGINT)`) },
  { type: 'TIMESTAMP WITH TIME ZONE', value: time.map((value) => `make_timestamptz(${value}::BIGINT)`) },
  { type: 'DATE', value: fc.integer({ min: -700_000, max: 2_900_000 }).map((days) => `DATE '1970-01-01' + ${days}`) },
  {
    type: 'INTERVAL',
    value: fc
      .tuple(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -90_000, max: 90_000 }), fc.maxSafeInteger())
      .map(([months, days, micros]) => `to_months(${months}) + to_days(${days}) + to_microseconds(${micros})`),
  },
  { type: 'UUID', value: fc.uuid().map((value) => `'${value}'::UUID`) },
  {
    type: 'JSON',
    value: fc
      .json({ maxDepth: 2 })
      .filter((value) => !value.includes('\\u'))
      .map((value) => `${literal(value)}::JSON`),
  },
];

/** Types of types, as deep as people go. */
const anyType = fc.letrec<{ type: TypeOf; plain: TypeOf }>((tie) => ({
  plain: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom(...SIMPLE),
    tie('plain').map(({ type, value }) => ({
      type: `${type}[]`,
      value: fc.array(orNull(value), { maxLength: 3 }).map((items) => `[${items.join(', ')}]::${type}[]`),
    })),
    fc.tuple(tie('plain'), tie('plain')).map(([one, other]) => ({
      type: `STRUCT(a ${one.type}, "b '"";c" ${other.type})`,
      value: fc
        .tuple(orNull(one.value), orNull(other.value))
        .map(([a, b]) => `struct_pack(a := ${a}::${one.type}, "b '"";c" := ${b}::${other.type})`),
    })),
    tie('plain').map(({ type, value }) => ({
      type: `MAP(VARCHAR, ${type})`,
      value: fc
        .uniqueArray(fc.tuple(textSql, orNull(value)), { maxLength: 3, selector: ([key]) => key })
        .map((entries) => `MAP {${entries.map(([key, item]) => `${key}: ${item}`).join(', ')}}::MAP(VARCHAR, ${type})`),
    })),
  ),
  type: fc.oneof(
    { weight: 5, arbitrary: tie('plain') },
    {
      weight: 1,
      arbitrary: fc.tuple(tie('plain'), tie('plain')).map(([one, other]) => {
        const type = `UNION("one 1" ${one.type}, other ${other.type})`;
        return {
          type,
          value: fc.oneof(
            orNull(one.value).map((value) => `union_value("one 1" := ${value}::${one.type})::${type}`),
            orNull(other.value).map((value) => `union_value(other := ${value}::${other.type})::${type}`),
          ),
        };
      }),
    },
  ),
})).type;

function orNull(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: value.map((each) => `(${each})`) },
    { weight: 1, arbitrary: fc.constant('NULL') },
  );
}

const caseless = (value: string) => value.toLowerCase();

/** A table's statements: with a key or without one, and rows that point to rows before them. */
const table = fc
  .record({
    name,
    key: fc.constantFrom('none', 'number', 'text', 'both'),
    columns: fc.uniqueArray(fc.tuple(name, anyType), { maxLength: 5, selector: ([each]) => caseless(each) }),
    rows: fc.nat({ max: 12 }),
    pointsToItself: fc.boolean(),
  })
  .chain(({ name: of, key, columns, rows, pointsToItself }) =>
    fc
      .array(fc.tuple(...columns.map(([, { value }]) => orNull(value))), { minLength: rows, maxLength: rows })
      .map((values) => {
        const hasKey = key !== 'none';
        const own = [
          ...(hasKey ? ['"key 1" INTEGER', '"key 2" VARCHAR'] : []),
          ...columns.map(([column, { type }]) => `${quoted(`${column}_`)} ${type}`),
          ...(key === 'number' && pointsToItself ? [`up INTEGER REFERENCES ${quoted(of)}("key 1")`] : []),
        ];
        const keys = { none: '', number: '"key 1"', text: '"key 2"', both: '"key 2", "key 1"' }[key];
        const definition = `CREATE TABLE ${quoted(of)}(${[...(own.length === 0 ? ['x INTEGER'] : own), ...(hasKey ? [`PRIMARY KEY (${keys})`] : [])].join(', ')});`;
        const inserts = values.map((row, at) => {
          const fields = [
            ...(hasKey ? [String(at * 7 - 20), `'${(at * 5) % 13}'`] : []),
            ...row,
            ...(key === 'number' && pointsToItself ? [at === 0 ? 'NULL' : String((at >> 1) * 7 - 20)] : []),
          ];
          return `INSERT INTO ${quoted(of)} VALUES (${fields.length === 0 ? '1' : fields.join(', ')});`;
        });
        return { name: of, sql: [definition, ...inserts].join('\n') };
      }),
  );

const database = fc.uniqueArray(table, { minLength: 1, maxLength: 3, selector: (each) => caseless(each.name) });

test('any database comes back as it was, and is the same backup again', { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(database, async (tables) => {
      const file = await fileOf(tables.map(({ sql }) => sql).join('\n'));
      const copy = await restored(file);
      expect(await differencesBetween(file, copy)).toEqual([]);
      expect((await save(open(copy))).digest).toBe((await save(open(file))).digest);
      // And rows that moved are the same rows.
      await on(
        file,
        tables.map((each) => `CREATE TABLE moving AS FROM ${quoted(each.name)}; DROP TABLE moving;`).join(''),
      );
      expect((await save(open(file))).digest).toBe((await save(open(copy))).digest);
    }),
    { numRuns: tries(5, 400) },
  );
});
