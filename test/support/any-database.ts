import type Database from 'better-sqlite3';
import fc from 'fast-check';

/** A database in words: what `make` does with it is the same every time. */
export interface AnyDatabase {
  readonly encoding: string;
  readonly pageSize: number;
  readonly autoVacuum: number;
  readonly journal: string;
  readonly userVersion: number;
  readonly tables: readonly AnyTable[];
  readonly analyzed: boolean;
}

interface AnyColumn {
  readonly name: string;
  readonly type: string;
  readonly constraint: string;
}

interface AnyTable {
  readonly name: string;
  readonly key:
    | 'none'
    | 'integer'
    | 'autoincrement'
    | 'descending'
    | 'text'
    | 'compound'
    | 'without rowid'
    | 'without rowid, compound';
  readonly strict: boolean;
  readonly columns: readonly AnyColumn[];
  readonly generated: readonly ('VIRTUAL' | 'STORED')[];
  readonly index: 'none' | 'plain' | 'partial' | 'expression';
  readonly trigger: boolean;
  /** Rows of SQL expressions; repeated `times` over, so that some tables need several parts. */
  readonly rows: readonly AnyRow[];
  readonly times: number;
}

interface AnyRow {
  readonly id: bigint;
  readonly values: readonly string[];
}

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Names that SQL text can carry at all: no NUL, no half characters. */
const anyName = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z]{1,6}$/) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }).filter(isName) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        'rowid',
        'oid',
        '_rowid_',
        'ROWID',
        'Oid',
        '',
        '__proto__',
        'select',
        '$blob',
        '$x',
        'a"b',
        "it's",
        'a\\b',
        'a\nb',
      ],
      ...['\u0001', '\u2028', '😀', 'é', '$.a', '[0]', 'json_each', 'value', 'parts', 'constructor'],
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 8 }).filter(isName) },
);

function isName(name: string): boolean {
  return !name.includes('\0') && !name.toLowerCase().startsWith('sqlite_') && !/[\ufffe\uffff]/.test(name);
}

const anyReal = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, -1, 1e15, 2 ** 53, 2 ** 63, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1),
  fc.integer().map((whole) => whole / 100),
);

/** A double in SQL, exactly: shortest digits that read back, with a point so that it stays a real. */
const realText = (real: number) =>
  Object.is(real, -0) ? '-0.0' : /[.e]/.test(String(real)) ? String(real) : `${real}.0`;

const hex = fc.uint8Array({ maxLength: 24 }).map((bytes) => `x'${Buffer.from(bytes).toString('hex')}'`);

const anyValue: fc.Arbitrary<string> = fc.oneof(
  fc.constant('NULL'),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((int) => (int === -(2n ** 63n) ? `(${int + 1n} - 1)` : String(int))),
  fc.integer({ min: -3, max: 300 }).map(String),
  anyReal.map(realText),
  fc.constantFrom(
    '9e999',
    '-9e999',
    "x''",
    "x'00'",
    "x'01'",
    "x'1331'",
    "x'17'",
    "''",
    "'-0.0'",
    "'9.0e+999'",
    "':0.0,'",
    "'1'",
    "' 1'",
    "'1e3'",
  ),
  fc.string({ maxLength: 30 }).map(literal).filter(isText),
  fc.string({ unit: 'binary', maxLength: 20 }).map(literal).filter(isText),
  fc.json({ maxDepth: 2 }).map(literal).filter(isText),
  fc.constantFrom(`'{"$blob":"AA=="}'`, `'{"$real":"Infinity"}'`, `'{"$text":""}'`, `'{"$'`),
  hex,
  hex.map((bytes) => `CAST(${bytes} AS TEXT)`),
  fc.tuple(hex, hex).map(([a, b]) => `'a' || char(0) || CAST(${a} AS TEXT) || char(65534) || ${b}`),
  fc.integer({ min: 100, max: 9000 }).map((length) => `printf('%.*c', ${length}, 'é')`),
  fc.integer({ min: 100, max: 9000 }).map((length) => `zeroblob(${length})`),
);

function isText(sql: string): boolean {
  return !sql.includes('\0') && sql.isWellFormed();
}

const STRICT_TYPES = ['INT', 'INTEGER', 'REAL', 'TEXT', 'BLOB', 'ANY'];
const TYPES = [
  ...STRICT_TYPES,
  '',
  '',
  'NUMERIC',
  'VARCHAR(30)',
  'DOUBLE PRECISION',
  'BOOLEAN',
  'DATETIME',
  'POINT',
  'JSON',
  'BLOBREAL',
  'DECIMAL(10,2)',
];
const CONSTRAINTS = [
  '',
  '',
  '',
  '',
  'UNIQUE',
  'NOT NULL',
  "DEFAULT 'x'",
  'COLLATE NOCASE',
  'CHECK (1)',
  'UNIQUE COLLATE RTRIM',
  'REFERENCES nowhere(id)',
];

const anyColumn = (strict: boolean): fc.Arbitrary<AnyColumn> =>
  fc.record({
    name: anyName,
    type: fc.constantFrom(...(strict ? STRICT_TYPES : TYPES)),
    constraint: fc.constantFrom(...CONSTRAINTS),
  });

const anyId = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt({ min: 1n, max: 1000n }) },
  { weight: 2, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { weight: 1, arbitrary: fc.constantFrom(0n, -1n, -(2n ** 63n), 2n ** 63n - 1n) },
);

const foldedName = (item: { readonly name: string }) => item.name.replace(/[A-Z]/g, (c) => c.toLowerCase());

const anyTable: fc.Arbitrary<AnyTable> = fc.boolean().chain((strict) =>
  fc.uniqueArray(anyColumn(strict), { minLength: 1, maxLength: 7, selector: foldedName }).chain((columns) =>
    fc.record({
      name: anyName,
      strict: fc.constant(strict),
      columns: fc.constant(columns),
      key: fc.constantFrom<AnyTable['key'][]>(
        ...([
          'none',
          'none',
          'integer',
          'integer',
          'autoincrement',
          'descending',
          'text',
          'compound',
          'without rowid',
          'without rowid, compound',
        ] as const),
      ),
      generated: fc.array(fc.constantFrom('VIRTUAL' as const, 'STORED' as const), { maxLength: 2 }),
      index: fc.constantFrom('none', 'plain', 'partial', 'expression'),
      trigger: fc.boolean(),
      rows: fc.array(
        fc.record({ id: anyId, values: fc.array(anyValue, { minLength: columns.length, maxLength: columns.length }) }),
        { maxLength: 40 },
      ),
      times: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }) },
        { weight: 1, arbitrary: fc.integer({ min: 30, max: 100 }) },
      ),
    }),
  ),
);

export const anyDatabase: fc.Arbitrary<AnyDatabase> = fc.record({
  encoding: fc.constantFrom('UTF-8', 'UTF-8', 'UTF-8', 'UTF-16le', 'UTF-16be'),
  pageSize: fc.constantFrom(512, 4096, 4096, 65536),
  autoVacuum: fc.constantFrom(0, 0, 1, 2),
  journal: fc.constantFrom('delete', 'wal'),
  userVersion: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  tables: fc.uniqueArray(anyTable, { maxLength: 4, selector: foldedName }),
  analyzed: fc.boolean(),
});

/** Makes the database. A row that breaks a constraint stays out; that is the constraint's business, not a fault. */
export function make(db: Database.Database, made: AnyDatabase): void {
  db.pragma(`encoding = '${made.encoding}'`);
  db.pragma(`page_size = ${made.pageSize}`);
  db.pragma(`auto_vacuum = ${made.autoVacuum}`);
  db.exec('BEGIN');
  made.tables.forEach((table, at) => {
    makeTable(db, table, at);
  });
  db.exec('COMMIT');
  if (made.analyzed) db.exec('ANALYZE');
  db.pragma(`user_version = ${made.userVersion}`);
  db.pragma(`journal_mode = ${made.journal}`);
}

function makeTable(db: Database.Database, table: AnyTable, at: number): void {
  const names = table.columns.map((column) => quoted(column.name));
  const [first = '""', second = first] = names;
  const definitions = table.columns.map(({ type, constraint }, i) => `${names[i]} ${type} ${constraint}`);
  const own = `k${at}`;
  const KEYS: Record<AnyTable['key'], [column: string, end: string, option: string]> = {
    none: ['', '', ''],
    integer: [`${own} INTEGER PRIMARY KEY`, '', ''],
    autoincrement: [`${own} INTEGER PRIMARY KEY AUTOINCREMENT`, '', ''],
    descending: [`${own} INTEGER PRIMARY KEY DESC`, '', ''],
    text: [`${own} TEXT PRIMARY KEY`, '', ''],
    compound: ['', `PRIMARY KEY (${second}, ${first} DESC)`, ''],
    'without rowid': [`${own} ${table.strict ? 'ANY' : ''} PRIMARY KEY`, '', 'WITHOUT ROWID'],
    'without rowid, compound': [
      '',
      `PRIMARY KEY (${[...new Set([second, `${first} COLLATE NOCASE DESC`])].join(', ')})`,
      'WITHOUT ROWID',
    ],
  };
  const [keyColumn, keyEnd, option] = KEYS[table.key];
  const generated = table.generated.map(
    (kind, i) => `g${at}_${i} ${table.strict ? 'ANY' : ''} AS (typeof(${first}) || ${i}) ${kind}`,
  );
  const parts = [...definitions.slice(0, 1), keyColumn, ...definitions.slice(1), ...generated, keyEnd].filter(Boolean);
  const options = [option, table.strict ? 'STRICT' : ''].filter(Boolean).join(', ');
  const name = quoted(table.name);
  db.exec(`CREATE TABLE ${name}(${parts.join(', ')}) ${options}`);
  if (table.index === 'plain') db.exec(`CREATE INDEX "i${at}" ON ${name}(${first} DESC, ${second})`);
  if (table.index === 'partial') db.exec(`CREATE INDEX "i${at}" ON ${name}(${first}) WHERE ${second} IS NOT NULL`);
  if (table.index === 'expression')
    db.exec(`CREATE INDEX "i${at}" ON ${name}(length(${first}), ${second} COLLATE NOCASE)`);
  insertRows(db, table, keyColumn === '' ? hiddenName(table) : own, names);
  db.exec(`CREATE VIEW "v${at}" AS SELECT * FROM ${name}`);
  if (table.trigger) db.exec(`CREATE TRIGGER "x${at}" AFTER INSERT ON ${name} BEGIN SELECT RAISE(ABORT, 'fired'); END`);
}

function hiddenName(table: AnyTable): string | undefined {
  if (table.key === 'without rowid, compound') return undefined;
  const taken = table.columns.map(foldedName);
  return ['rowid', 'oid', '_rowid_'].find((name) => !taken.includes(name));
}

function insertRows(db: Database.Database, table: AnyTable, key: string | undefined, names: readonly string[]): void {
  for (const { id, values: any } of table.rows) {
    // Nearly every value would be refused by a STRICT column as it is.
    const values = any.map((value, i) => {
      const type = table.columns[i]?.type ?? '';
      return table.strict && type !== 'ANY' ? `CAST(${value} AS ${type})` : value;
    });
    const [columns, terms] =
      key === undefined
        ? [names, values]
        : [
            [key, ...names],
            ['?', ...values],
          ];
    const add = db.prepare(
      `INSERT OR IGNORE INTO ${quoted(table.name)}(${columns.join(', ')}) VALUES (${terms.join(', ')})`,
    );
    for (let time = 0; time < table.times; time++) {
      try {
        if (key === undefined) add.run();
        else add.run(BigInt.asIntN(64, id + BigInt(time * 1001)));
      } catch (error) {
        // A STRICT column refuses a value of another class, whatever the conflict clause says.
        if (!(error instanceof Error && /cannot store|malformed JSON|datatype mismatch/.test(error.message)))
          throw error;
      }
    }
  }
}
