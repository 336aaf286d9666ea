import fc from 'fast-check';

/** Types, and some values of each as SQL. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  integer: ['0', '-1', '2147483647'],
  bigint: ['9223372036854775807', '5'],
  'numeric(8,3)': ['1.500', '-0.001'],
  text: ["''", "E'a\\tb\\\\n'", "'ü\"x'"],
  'varchar(10)': ["'x'", "' y '"],
  boolean: ['true', 'false'],
  timestamptz: ["'2020-01-01 00:00+02'", "'infinity'"],
  jsonb: [`'{"a": [1, null]}'`, "'null'"],
  bytea: ["'\\x00ff'", "''"],
  'text[]': [`'{a,NULL,"b c"}'`, "'{}'"],
  uuid: ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  mood: ["'sad'", `'it''s "ok"'`],
  positive: ['1', '7'],
};

const NAMES = ['id', 'order', 'User Name', 'a.b', 'x"y', 'ünï', "it's", 'CamelCase', 'z'];
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

const column = fc.record({
  type: fc.constantFrom(...Object.keys(TYPES)),
  notNull: fc.boolean(),
  hasDefault: fc.boolean(),
  isIndexed: fc.constantFrom('no', 'no', 'plain', 'unique', 'partial', 'expression'),
  comment: fc.option(fc.constantFrom("it''s", 'x'), { freq: 3 }),
});

const table = fc.record({
  schema: fc.constantFrom('public', 'shop', 'Odd "S'),
  name: fc.constantFrom('users', 'order', 'My Table', 'a.b', 't"x'),
  key: fc.constantFrom('none', 'identity', 'serial', 'uuid', 'pair'),
  columns: fc.array(column, { maxLength: 5 }),
  rows: fc.nat(5),
  parent: fc.option(fc.nat(4)),
  has: fc.subarray(['check', 'trigger', 'view', 'matview', 'policy', 'unlogged', 'partitioned', 'rule', 'statistics']),
});

/** Databases that nobody thought of: the SQL that makes one. */
export const databases = fc
  .uniqueArray(table, { minLength: 1, maxLength: 5, selector: ({ schema, name }) => `${schema}.${name}` })
  .map((tables) => [PRELUDE, ...tables.map((each, at) => sqlOf(each, at, tables))].join('\n'));

type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

const PRELUDE = `CREATE SCHEMA shop; CREATE SCHEMA "Odd ""S"; CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE FUNCTION yes(x anyelement) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';`;

const placeOf = ({ schema, name }: Table) => `${quoted(schema)}.${quoted(name)}`;
const KEYS: Readonly<Record<string, readonly string[]>> = {
  none: ['k integer'],
  identity: ['k bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 5) PRIMARY KEY'],
  serial: ['k serial PRIMARY KEY'],
  uuid: ['k uuid DEFAULT gen_random_uuid() PRIMARY KEY'],
  pair: ['k integer', 'l text DEFAULT \'x\' COLLATE "C"', 'PRIMARY KEY (l, k)'],
};
const isPartitioned = ({ has, key }: Table) => has.includes('partitioned') && (key === 'pair' || key === 'none');

function sqlOf(each: Table, at: number, tables: readonly Table[]): string {
  const { columns, key, has, rows } = each;
  const place = placeOf(each);
  const named = columns.map((of, index) => ({
    ...of,
    name: NAMES[index] ?? 'last',
    values: TYPES[of.type] ?? ['NULL'],
  }));
  const parent = each.parent === null ? undefined : tables[each.parent];
  const isParent = parent !== undefined && ['identity', 'serial'].includes(parent.key) && tables.indexOf(parent) <= at;
  const lines = [
    ...(KEYS[key] ?? []),
    ...named.map(
      ({ name, type, notNull, hasDefault, values }) =>
        `${quoted(name)} ${type}${hasDefault ? ` DEFAULT ${values[0]}` : ''}${notNull ? ' NOT NULL' : ''}`,
    ),
    ...(isParent ? [`p bigint REFERENCES ${placeOf(parent)} DEFERRABLE`] : []),
    ...(has.includes('check') ? [`CONSTRAINT "c${at}" CHECK (yes(k))`] : []),
  ];
  const unlogged =
    has.includes('unlogged') && !isPartitioned(each) && !isParent && key !== 'identity' && key !== 'serial';
  const sql = [
    `CREATE ${unlogged ? 'UNLOGGED ' : ''}TABLE ${place} (${lines.join(', ')})${isPartitioned(each) ? ' PARTITION BY RANGE (k)' : ''};`,
  ];
  if (isPartitioned(each))
    sql.push(
      `CREATE TABLE ${quoted(each.schema)}.${quoted(`${each.name}_1`)} PARTITION OF ${place} FOR VALUES FROM (0) TO (3);`,
      `CREATE TABLE ${quoted(each.schema)}.${quoted(`${each.name}_d`)} PARTITION OF ${place} DEFAULT;`,
    );
  for (const [index, { name, isIndexed, comment, type }] of named.entries()) {
    if (comment !== null) sql.push(`COMMENT ON COLUMN ${place}.${quoted(name)} IS '${comment}';`);
    if (isIndexed === 'no' || (isIndexed === 'unique' && isPartitioned(each))) continue;
    const what = isIndexed === 'expression' ? `(yes(${quoted(name)}))` : quoted(name);
    if (type === 'mood' && isIndexed === 'expression') continue;
    sql.push(
      `CREATE ${isIndexed === 'unique' && rows < 2 ? 'UNIQUE ' : ''}INDEX "i ${at}.${index}" ON ${place} (${what})${isIndexed === 'partial' ? ' WHERE k > 1' : ''};`.replace(
        key === 'uuid' ? ' WHERE k > 1' : '\0',
        '',
      ),
    );
  }
  if (has.includes('view'))
    sql.push(`CREATE VIEW "v${at}" AS SELECT * FROM ${place}; CREATE VIEW a${at} AS SELECT count(*) FROM "v${at}";`);
  if (has.includes('matview'))
    sql.push(
      `CREATE MATERIALIZED VIEW shop.m${at} AS SELECT count(*) AS n FROM ${place}; CREATE INDEX ON shop.m${at} (n);`,
    );
  if (has.includes('trigger'))
    sql.push(`CREATE TRIGGER t BEFORE UPDATE ON ${place} FOR EACH ROW EXECUTE FUNCTION nothing();`);
  if (has.includes('policy'))
    sql.push(`ALTER TABLE ${place} ENABLE ROW LEVEL SECURITY; CREATE POLICY "p p" ON ${place} USING (yes(k));`);
  if (has.includes('rule') && !isPartitioned(each))
    sql.push(`CREATE RULE r AS ON DELETE TO ${place} DO INSTEAD NOTHING;`);
  if (has.includes('statistics') && named.length > 1)
    sql.push(
      `CREATE STATISTICS s${at} (ndistinct) ON k, ${
        named
          .filter(({ type }) => type !== 'jsonb')
          .slice(0, 1)
          .map(({ name }) => quoted(name))
          .join('') || '(k)'
      } FROM ${place};`,
    );
  for (let row = 0; row < rows; row++) {
    const values = named.map(({ values: some, notNull, isIndexed }, index) =>
      !notNull && (row + index) % 3 === 0
        ? 'NULL'
        : isIndexed === 'unique'
          ? (some[0] ?? 'NULL')
          : (some[(row + index) % some.length] ?? 'NULL'),
    );
    const own = key === 'none' || key === 'pair' ? [`${row}`] : [];
    const names = [...(own.length > 0 ? ['k'] : []), ...named.map(({ name }) => quoted(name))];
    if (names.length === 0) sql.push(`INSERT INTO ${place} DEFAULT VALUES;`);
    else sql.push(`INSERT INTO ${place} (${names.join(', ')}) VALUES (${[...own, ...values].join(', ')});`);
  }
  if (has.includes('matview')) sql.push(`REFRESH MATERIALIZED VIEW shop.m${at};`);
  return sql.join('\n');
}
