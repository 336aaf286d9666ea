import Database from 'better-sqlite3';

/**
 * Compares two database files by SQLite alone: none of Overwinter's code is used, so that a mistake there cannot hide itself
 * here. Each difference is a sentence; equal databases give none.
 */
export function differencesBetween(
  left: string,
  right: string,
  prepare: (db: Database.Database) => void = () => {},
): string[] {
  const a = openReadOnly(left, prepare);
  const b = openReadOnly(right, prepare);
  const found: string[] = [];
  try {
    compareValues(found, 'settings', settingsOf(a), settingsOf(b));
    compareValues(found, 'schema', definitionsOf(a), definitionsOf(b));
    const [tables, others] = [tablesOf(a), tablesOf(b)];
    compareValues(found, 'tables', tables, others);
    for (const table of tables.filter((name) => others.includes(name))) compareTable(found, a, b, table);
    return found;
  } finally {
    a.close();
    b.close();
  }
}

const MOST_DIFFERENCES = 20;
const COLUMNS_AT_ONCE = 500;

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

function openReadOnly(path: string, prepare: (db: Database.Database) => void): Database.Database {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  prepare(db);
  db.defaultSafeIntegers(true);
  return db;
}

const SETTINGS = ['user_version', 'application_id', 'encoding', 'page_size', 'auto_vacuum', 'journal_mode'];

function settingsOf(db: Database.Database): string[] {
  return SETTINGS.map((name) => `${name} = ${db.pragma(name, { simple: true })}`);
}

interface Entry {
  type: string;
  own: bigint;
  name: Buffer;
  tbl: Buffer;
  sql: Buffer | null;
}

/** Every entry as raw bytes; objects of one type in the file's order, save SQLite's own, which are made when needed. */
function definitionsOf(db: Database.Database): string[] {
  const entries = db
    .prepare<[], Entry>(
      `SELECT type, substr(name, 1, 7) = 'sqlite_' AS own, CAST(name AS BLOB) AS name, CAST(tbl_name AS BLOB) AS tbl,
        CAST(sql AS BLOB) AS sql FROM sqlite_schema ORDER BY rowid`,
    )
    .all();
  const lines = (type: string, own: bigint) =>
    entries
      .filter((entry) => entry.type === type && entry.own === own)
      .map(({ name, tbl, sql }) => [type, name.toString('hex'), tbl.toString('hex'), sql?.toString('hex')].join(' '));
  // Shadow tables are made with their virtual table, which is an order of its own: tables are compared as a set.
  return ['table', 'index', 'view', 'trigger'].flatMap((type) => {
    const ours = lines(type, 0n);
    return [...(type === 'table' ? ours.sort() : ours), ...lines(type, 1n).sort()];
  });
}

/** All tables that hold rows, SQLite's own and shadow tables too. */
function tablesOf(db: Database.Database): string[] {
  return db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage <> 0 ORDER BY name")
    .pluck()
    .all();
}

function compareTable(found: string[], a: Database.Database, b: Database.Database, table: string): void {
  const columns = columnsOf(a, table);
  const others = columnsOf(b, table);
  compareValues(found, `columns of ${JSON.stringify(table)}`, columns, others);
  if (columns.join('\0') !== others.join('\0')) return;
  const rowid = rowidOf(a, table, columns);
  const order = rowid === undefined ? keyOrder(a, table) : `ORDER BY ${rowid}`;
  for (let from = 0; from < columns.length; from += COLUMNS_AT_ONCE) {
    const some = columns.slice(from, from + COLUMNS_AT_ONCE);
    // The class, the value (a double comes as its own bits) and the stored bytes.
    const terms = some.flatMap((name) => [`typeof(${quoted(name)})`, quoted(name), `CAST(${quoted(name)} AS BLOB)`]);
    const sql = `SELECT ${[rowid ?? '0', ...terms].join(', ')} FROM ${quoted(table)} NOT INDEXED ${order}`;
    compareRows(found, table, ['rowid', ...some], a.prepare(sql), b.prepare(sql));
  }
}

interface ColumnRow {
  name: string;
  pk: bigint;
  hidden: bigint;
}

function columnsOf(db: Database.Database, table: string): string[] {
  return pragma<ColumnRow>(db, `table_xinfo(${quoted(table)})`).map((column) => column.name);
}

function pragma<Row>(db: Database.Database, what: string): Row[] {
  return db.prepare<[], Row>(`PRAGMA main.${what}`).all();
}

function rowidOf(db: Database.Database, table: string, columns: readonly string[]): string | undefined {
  const list = pragma<{ name: string; wr: bigint }>(db, 'table_list');
  if (list.find(({ name }) => name === table)?.wr === 1n) return undefined;
  const taken = new Set(columns.map((name) => name.toLowerCase()));
  return ['rowid', 'oid', '_rowid_'].find((name) => !taken.has(name));
}

/** The file's own order of a table without a rowid; nothing for one whose columns hide it, which is read as it lies. */
function keyOrder(db: Database.Database, table: string): string {
  const indexes = pragma<{ name: string; origin: string }>(db, `index_list(${quoted(table)})`);
  const index = indexes.find(({ origin }) => origin === 'pk');
  const list = pragma<{ name: string; wr: bigint }>(db, 'table_list');
  if (index === undefined || list.find(({ name }) => name === table)?.wr !== 1n) return '';
  const key = pragma<{ name: string; key: bigint; coll: string; desc: bigint }>(
    db,
    `index_xinfo(${quoted(index.name)})`,
  );
  const terms = key
    .filter((column) => column.key === 1n)
    .map(({ name, coll, desc }) => `${quoted(name)} COLLATE ${quoted(coll)} ${desc === 1n ? 'DESC' : ''}`);
  return `ORDER BY ${terms.join(', ')}`;
}

type Statement = Database.Statement<unknown[], unknown>;

function compareRows(found: string[], table: string, names: readonly string[], a: Statement, b: Statement): void {
  const [left, right] = [a.raw().iterate(), b.raw().iterate()];
  try {
    for (let row = 1; found.length < MOST_DIFFERENCES; row++) {
      const [one, other] = [left.next(), right.next()];
      if (one.done || other.done) {
        if (one.done !== other.done)
          found.push(`${JSON.stringify(table)}: ${one.done ? 'more' : 'fewer'} rows than ${row - 1}`);
        return;
      }
      const [values, others] = [cells(one.value), cells(other.value)];
      values.forEach((value, at) => {
        if (isSame(value, others[at])) return;
        const column = at === 0 ? names[0] : names[1 + Math.floor((at - 1) / 3)];
        found.push(
          `${JSON.stringify(table)} row ${row}, ${JSON.stringify(column)}: ${show(value)} became ${show(others[at])}`,
        );
      });
    }
  } finally {
    left.return?.();
    right.return?.();
  }
}

const cells = (row: unknown): unknown[] => (Array.isArray(row) ? row : []);

/** `Object.is` tells -0.0 from 0.0. */
function isSame(a: unknown, b: unknown): boolean {
  if (Buffer.isBuffer(a) && Buffer.isBuffer(b)) return a.equals(b);
  return Object.is(a, b);
}

function show(value: unknown): string {
  if (Buffer.isBuffer(value)) return `x'${value.subarray(0, 40).toString('hex')}' (${value.length} bytes)`;
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  return Object.is(value, -0) ? '-0.0' : String(value);
}

function compareValues(found: string[], what: string, a: readonly string[], b: readonly string[]): void {
  const missing = a.filter((line) => !b.includes(line));
  const extra = b.filter((line) => !a.includes(line));
  for (const line of missing) found.push(`${what}: missing ${readable(line)}`);
  for (const line of extra) found.push(`${what}: new ${readable(line)}`);
  if (missing.length + extra.length === 0 && a.join('\n') !== b.join('\n')) found.push(`${what}: in another order`);
}

/** Definitions are compared in hex and shown as text. */
function readable(line: string): string {
  return line
    .split(' ')
    .map((word) => (/^([0-9a-f]{2})+$/.test(word) ? JSON.stringify(Buffer.from(word, 'hex').toString()) : word))
    .join(' ')
    .slice(0, 300);
}
