import { MOST_DEFINITIONS, type SchemaObject } from '../../core/manifest.ts';
import {
  definitionTorn,
  moduleUnknown,
  tableTooOld,
  tableTooWide,
  tooMuchSchema,
} from '../../core/problems/database.ts';
import { literal, quoted } from '../quoted.ts';
import { isInternal } from './codec.ts';
import { isKnownModule } from './definition.ts';
import type { Db } from './open.ts';
import { prepared } from './prepared.ts';
import type { SqliteSettings } from './settings.ts';
import { isVirtualDefinition, moduleOf } from './sql/virtual-tables.ts';
import { readTableKinds, type TableKind } from './table-kinds.ts';
import { isWhole } from './text.ts';

/** A table as rows need it: which columns are stored, and how a row is found. */
export interface Table {
  readonly name: string;
  readonly own: boolean;
  readonly columns: readonly Column[];
  /** The name by which SQL reaches the rowid; undefined without one, or where columns hide all its names. */
  readonly rowid: string | undefined;
  /** True where the rowid is no column, so that a row must carry it beside its columns. */
  readonly hiddenRowid: boolean;
  /** False for a table that was made WITHOUT ROWID. */
  readonly keepsRowid: boolean;
  /** The key by which a table without a rowid lies in the file; empty for all others. */
  readonly key: readonly KeyColumn[];
  /** Which of its rows count, where not all do. */
  readonly only?: string | undefined;
}

export interface KeyColumn {
  readonly name: string;
  readonly collation: string;
  readonly descends: boolean;
}

export interface Column {
  readonly name: string;
  readonly notNull: boolean;
  /** What is read in place of what it holds. */
  readonly instead?: string;
  /** Without a declared type a column keeps any value as it came: the only place for a negative zero. */
  readonly keepsAnything: boolean;
  /** Can hold long values by its nature. */
  readonly roomy: boolean;
}

export { literal, quoted };

/** The rows of a table that count, as the part of a query after FROM; `where` narrows them further. */
export function rowsFrom({ name, only }: Pick<Table, 'name' | 'only'>, where?: string): string {
  const terms = [where, only].flatMap((term) => (term === undefined ? [] : [`(${term})`]));
  return `${quoted(name)} NOT INDEXED${terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`}`;
}

interface MasterRow {
  type: string;
  name: string;
  tbl_name: string;
  sql: string;
}

interface ColumnRow {
  name: string;
  type: string;
  notnull: number;
  pk: number;
  hidden: number;
}

/** Definitions in the order of making: tables, virtual tables, indexes, views, triggers, each in the file's order. */
const GROUPS: readonly ((row: SchemaObject) => boolean)[] = [
  (row) => row.type === 'table' && !isVirtualDefinition(row),
  isVirtualDefinition,
  (row) => row.type === 'index',
  (row) => row.type === 'view',
  (row) => row.type === 'trigger',
];

export function readSchema(db: Db): SchemaObject[] {
  const objects = db
    .prepare<[], MasterRow>('SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid')
    .all()
    .filter((row) => !isInternal(row.name))
    .map(({ type, name, tbl_name, sql }) => ({ type, name, table: tbl_name, sql }));
  return GROUPS.flatMap((belongs) => objects.filter(belongs));
}

export function readSettings(db: Db): SqliteSettings {
  const number = (pragma: string) => Number(db.pragma(pragma, { simple: true }));
  const encoding = String(db.pragma('encoding', { simple: true }));
  return {
    user_version: number('user_version'),
    application_id: number('application_id'),
    encoding: encoding === 'UTF-16le' || encoding === 'UTF-16be' ? encoding : 'UTF-8',
    page_size: number('page_size'),
    auto_vacuum: number('auto_vacuum'),
    journal_mode: db.pragma('journal_mode', { simple: true }) === 'wal' ? 'wal' : 'delete',
  };
}

/** What SQLite makes for itself today. Others are left from versions whose statistics nothing reads any more. */
const KNOWN_INTERNAL = ['sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4'];

/**
 * Throws DATABASE_FAILED for what a backup would take and a restore could not give back: a definition that is not valid text
 * (what was read of it would not be what is there), a virtual table whose module nobody knows, a table of SQLite's own that
 * it no longer makes, and too many of them.
 */
export function mustBeKeepable(db: Db, encoding: SqliteSettings['encoding']): void {
  const entries = db
    .prepare<[], { type: string; name: string; sql: string | null; bytes: Buffer }>(
      "SELECT type, name, sql, CAST(name || tbl_name || ifnull(sql, '') AS BLOB) AS bytes FROM sqlite_schema",
    )
    .all();
  if (entries.length > MOST_DEFINITIONS) throw tooMuchSchema(db.name, `${entries.length} tables and indexes`)();
  for (const { type, name, sql, bytes } of entries) {
    const module = sql !== null && isVirtualDefinition({ type, sql }) ? moduleOf(sql) : undefined;
    if (module !== undefined && !isKnownModule(db, module)) throw moduleUnknown(db.name, name, module)();
    if (sql?.includes('\0') || !isWhole(bytes, encoding)) throw definitionTorn(db.name, name)();
    if (type === 'table' && isInternal(name) && !KNOWN_INTERNAL.includes(name)) throw tableTooOld(db.name, name)();
  }
}

/** SQLite's own limit on what a query gives, which is also the most columns a table can have. */
const MOST_COLUMNS = 2000;

/** Throws DATABASE_FAILED for a table whose rows could be saved, and never be restored. */
export function mustBeReadable(db: Db, { name, columns, hiddenRowid }: Table): void {
  if (hiddenRowid && columns.length >= MOST_COLUMNS) throw tableTooWide(db.name, name, columns.length)();
}

/** Every table with rows of its own, in the order in which a manifest lists them: the schema's, then SQLite's own. */
export function readTables(db: Db): Table[] {
  const kinds = readTableKinds(db);
  const own = readSchema(db)
    .filter((object) => object.type === 'table' && !isVirtualDefinition(object))
    .map((object) => object.name);
  const internal = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all()
    .filter(isInternal);
  return [...own, ...internal].map((name) => describe(db, name, kinds.get(name)));
}

const columnRows = prepared((db, sql) => db.prepare<[string], ColumnRow>(sql));
const count = prepared((db, sql) => db.prepare<[string], number>(sql).pluck());

function describe(db: Db, name: string, kind: TableKind | undefined): Table {
  const all = columnRows(db, 'SELECT name, type, "notnull", pk, hidden FROM temp.pragma_table_xinfo(?)').all(name);
  const names = new Set(all.map((column) => column.name.toLowerCase()));
  const key = all.filter((column) => column.pk > 0).sort((a, b) => a.pk - b.pk);
  const hasRowid = kind?.hasRowid !== false;
  const rowidColumn = hasRowid ? rowidColumnOf(db, name, key) : undefined;
  const alias = ['rowid', '_rowid_', 'oid'].find((each) => !names.has(each));
  return {
    name,
    own: !isInternal(name) && kind?.type === 'table',
    columns: all
      .filter((column) => column.hidden === 0 || column.hidden === 1)
      .map(({ name: column, type, notnull }) => ({
        name: column,
        notNull: notnull === 1,
        keepsAnything: type === '' || /^(?!.*(INT|CHAR|CLOB|TEXT)).*BLOB/i.test(type) || type.toUpperCase() === 'ANY',
        roomy: !/INT|REAL|FLOA|DOUB|NUM|DEC|BOOL|DATE/i.test(type),
      })),
    rowid: hasRowid ? (rowidColumn ?? alias) : undefined,
    hiddenRowid: hasRowid && rowidColumn === undefined && alias !== undefined,
    keepsRowid: hasRowid,
    key: hasRowid ? [] : keyColumns(db, name),
  };
}

/** The key of a table without a rowid, with the collations and directions that its definition gave it. */
function keyColumns(db: Db, table: string): KeyColumn[] {
  return db
    .prepare<[string], { name: string; coll: string; desc: number }>(
      `SELECT x.name, x.coll, x."desc" FROM temp.pragma_index_list(?) i, temp.pragma_index_xinfo(i.name) x
        WHERE i.origin = 'pk' AND x.key = 1 ORDER BY x.seqno`,
    )
    .all(table)
    .map(({ name, coll, desc }) => ({ name, collation: coll, descends: desc === 1 }));
}

/**
 * The column that is the rowid by another name. `INTEGER PRIMARY KEY` is one, save for `DESC` as a column constraint, an old
 * quirk: such a table has a key index of its own, which an alias never has.
 */
function rowidColumnOf(db: Db, table: string, key: readonly ColumnRow[]): string | undefined {
  const [only, ...others] = key;
  if (only === undefined || others.length > 0 || only.type.toUpperCase() !== 'INTEGER') return undefined;
  const keyIndexes = count(db, "SELECT count(*) FROM temp.pragma_index_list(?) WHERE origin = 'pk'").get(table);
  return keyIndexes === 0 ? only.name : undefined;
}
