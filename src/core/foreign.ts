import { compact, elementsOf, membersOf } from './json.ts';
import { type Content, FORMAT, type Manifest, type SchemaObject, type TableData } from './manifest.ts';
import { contentDigest } from './write-manifest.ts';

/**
 * Documents of older tools, which hold rows and no schema: `{"metadata":…,"data":{"<table>":[rows]}}` and
 * `{"backup_time":…,"<table>":[rows]}`. What they leave out is inferred as simply as it can be.
 */
export function readForeign(source: string, environment: string): Manifest {
  const document = membersOf(source);
  const tables = membersOf(document.get('data') ?? source);
  const data = new Map<string, TableData>();
  const schema: SchemaObject[] = [];
  for (const [name, raw] of tables) {
    if (!raw.startsWith('[')) continue;
    const rows = elementsOf(raw).map(membersOf);
    // Without a row there is no column either.
    if (rows.length === 0) continue;
    schema.push(inferTable(name, rows));
    const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
    // A table whose rows have no number of their own gets one for each, as every such table's rows have in a backup.
    const isNumbered = /INTEGER PRIMARY KEY/.test(schema.at(-1)?.sql ?? '');
    const number = isNumbered ? undefined : ROW_NUMBERS.find((alias) => !columns.some(named(alias)));
    data.set(name, { rows: rows.map((row, i) => flatLine(columns, row, number && `"${number}":${i + 1}`)) });
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

function inferTable(name: string, rows: readonly Row[]): SchemaObject {
  const columns = new Set(rows.flatMap((row) => [...row.keys()]));
  const definitions = [...columns].map((column) => {
    const values = rows.flatMap((row) => row.get(column) ?? []).filter((raw) => raw !== 'null');
    const identifies =
      column.toLowerCase() === 'id' &&
      values.length === rows.length &&
      values.every(isInteger) &&
      new Set(values).size === rows.length;
    return `${quoted(column)} ${identifies ? 'INTEGER PRIMARY KEY' : typeOf(values)}`.trimEnd();
  });
  return { type: 'table', name, table: name, sql: `CREATE TABLE ${quoted(name)}(${definitions.join(', ')})` };
}

function typeOf(values: readonly string[]): string {
  if (values.length > 0 && values.every((raw) => isInteger(raw) || raw === 'true' || raw === 'false')) return 'INTEGER';
  if (values.length > 0 && values.every(isNumber)) return 'REAL';
  return values.every((raw) => raw.startsWith('"') || /^[[{]/.test(raw)) ? 'TEXT' : '';
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
