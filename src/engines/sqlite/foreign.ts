import { compact, elementsOf, JsonSyntaxError, membersOf } from '../../core/json.ts';
import {
  type Content,
  FORMAT,
  type Manifest,
  MOST_DEFINITIONS,
  type SchemaObject,
  type TableData,
} from '../../core/manifest.ts';
import { contentDigest } from '../../core/write-manifest.ts';
import { quoted } from '../quoted.ts';

/**
 * Documents of older tools, which hold rows and no schema: `{"metadata":…,"data":{"<table>":[rows]}}` and
 * `{"backup_time":…,"<table>":[rows]}`. What they leave out is inferred as simply as it can be.
 */
export function readForeign(source: string, environment: string): Manifest {
  const document = membersOf(source);
  const tables = membersOf(document.get('data') ?? source);
  if (tables.size > MOST_DEFINITIONS) throw new JsonSyntaxError(`${tables.size} tables`);
  const data = new Map<string, TableData>();
  const schema: SchemaObject[] = [];
  for (const [name, raw] of tables) {
    if (!raw.startsWith('[')) continue;
    const rows = elementsOf(raw).map(membersOf);
    const columns = columnsOf(name, rows, source.length);
    // No table is without a column; and without one, rows say nothing.
    if (columns.size === 0) continue;
    const names = [...columns.keys()];
    const key = names.find((column) => identifies(column, columns.get(column) ?? [], rows.length));
    schema.push(inferTable(name, columns, key));
    // A table whose rows have no number of their own gets one for each, as every such table's rows have in a backup.
    const number = key === undefined ? ROW_NUMBERS.find((alias) => !names.some(named(alias))) : undefined;
    data.set(name, { rows: rows.map((row, i) => flatLine(names, row, number && `"${number}":${i + 1}`)) });
  }
  const content: Content = { schema, settings: PLAIN_SETTINGS, data };
  const date = [...document, ...membersOf(document.get('metadata') ?? '{}')].find(([key]) =>
    /^backup_(date|time)$/.test(key),
  );
  const total = [...data.values()].reduce((sum, table) => sum + ('rows' in table ? table.rows.length : 0), 0);
  return {
    ...content,
    metadata: {
      format: FORMAT,
      backup_date: dateOf(date?.[1]),
      version: '1.0',
      database_type: 'sqlite',
      origin: { environment, trigger: 'import' },
      content: contentDigest(content),
      tables: data.size,
      rows: total,
      bytes: source.length,
    },
  };
}

const ROW_NUMBERS = ['rowid', '_rowid_', 'oid'];
const named = (alias: string) => (column: string) => column.toLowerCase() === alias;

const PLAIN_SETTINGS: Content['settings'] = {
  user_version: 0,
  application_id: 0,
  encoding: 'UTF-8',
  page_size: 4096,
  auto_vacuum: 0,
  journal_mode: 'delete',
};

function dateOf(raw: string | undefined): string {
  const time = Date.parse((raw ?? '').replaceAll('"', ''));
  return new Date(Number.isNaN(time) ? 0 : time).toISOString();
}

type Row = ReadonlyMap<string, string>;
/** Every column with its values that are not null. */
type Columns = ReadonlyMap<string, readonly string[]>;

/** SQLite's own limit. */
const MOST_COLUMNS = 2000;

/** Throws JsonSyntaxError for what would be far larger as a table than it is as a text: rows that hardly have a column in common. */
function columnsOf(name: string, rows: readonly Row[], length: number): Columns {
  const columns = new Map<string, string[]>();
  for (const row of rows) {
    for (const [column, raw] of row) {
      const values = columns.get(column) ?? [];
      if (raw !== 'null') values.push(raw);
      columns.set(column, values);
    }
  }
  if (columns.size > MOST_COLUMNS || columns.size * rows.length > Math.max(length, 1_000_000))
    throw new JsonSyntaxError(`${rows.length} rows with ${columns.size} columns as ${JSON.stringify(name)}`);
  return columns;
}

/** A value that is itself a list or an object is kept as its text, as such tools do when they read it back. */
function flatLine(columns: readonly string[], row: Row, number: string | undefined): string {
  const members = columns.map((name) => {
    const raw = row.get(name) ?? 'null';
    const value = /^[[{]/.test(raw) ? JSON.stringify(compact(raw)) : raw;
    return `${JSON.stringify(name)}:${value}`;
  });
  return `{${[...(number === undefined ? [] : [number]), ...members].join(',')}}`;
}

const isInteger = (raw: string) => /^-?\d{1,19}$/.test(raw);
const isNumber = (raw: string) => /^-?\d/.test(raw);

function identifies(column: string, values: readonly string[], rows: number): boolean {
  if (column.toLowerCase() !== 'id' || values.length !== rows) return false;
  return values.every(isInteger) && new Set(values).size === rows;
}

function inferTable(name: string, columns: Columns, key: string | undefined): SchemaObject {
  const definitions = [...columns].map(([column, values]) =>
    `${quoted(column)} ${column === key ? 'INTEGER PRIMARY KEY' : typeOf(values)}`.trimEnd(),
  );
  return { type: 'table', name, table: name, sql: `CREATE TABLE ${quoted(name)}(${definitions.join(', ')})` };
}

function typeOf(values: readonly string[]): string {
  if (values.length > 0 && values.every((raw) => isInteger(raw) || raw === 'true' || raw === 'false')) return 'INTEGER';
  if (values.length > 0 && values.every(isNumber)) return 'REAL';
  return values.every((raw) => raw.startsWith('"') || /^[[{]/.test(raw)) ? 'TEXT' : '';
}
