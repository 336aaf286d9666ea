import type { CommonIndex, CommonReference, Default, Lost } from '../../../core/common/definitions.ts';
import type { Value } from '../../../core/common/value.ts';
import { writeCondition } from '../../../core/common/write-expression.ts';
import { namesAlike } from '../../../core/problems/across.ts';
import type { Made, MadeTable, WantedTable } from '../../across.ts';
import { fold } from '../names.ts';
import { type Db, openForBuilding, type SqliteOptions, withProblems } from '../open.ts';
import { literal, quoted, readSchema, readSettings, readTables } from '../schema.ts';
import { defaultNow } from './defaults.ts';
import { writeReal } from './values.ts';

/** What makes these tables in a new file. SQLite makes them in memory first, so what it does not take is known before anything is written. */
export async function make(tables: readonly WantedTable[], options: SqliteOptions): Promise<Made> {
  mustDiffer(tables.map(({ name }) => name));
  for (const { columns } of tables) mustDiffer(columns.map(({ name }) => name));
  const lost: Lost[] = [];
  const taken = new Set(tables.map(({ name }) => fold(name)));
  const definitions = tables.flatMap((table) => {
    const indexes = table.indexes.flatMap((index) => indexSql(table, index, taken, lost));
    return [tableSql(table, lost), ...indexes];
  });
  const db = openForBuilding(':memory:', options);
  try {
    return withProblems('the schema', () => {
      for (const sql of definitions) db.prepare(sql).run();
      const counted = tables.filter(({ columns }) => columns.some(({ counts }) => counts)).map(({ name }) => name);
      return {
        schema: readSchema(db),
        settings: { ...readSettings(db), journal_mode: 'wal' },
        tables: readMade(db, tables),
        lost,
        counters: (last) => counters(last, counted),
      };
    });
  } finally {
    db.close();
  }
}

function mustDiffer(names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(fold(name));
    if (other !== undefined) throw namesAlike(other, name)();
    seen.set(fold(name), name);
  }
}

function readMade(db: Db, tables: readonly WantedTable[]): MadeTable[] {
  const made = new Map(readTables(db).map((table) => [table.name, table]));
  return tables.map(({ name }) => {
    const table = made.get(name);
    const hidden = table?.hiddenRowid === true ? table.rowid : undefined;
    return { name, stored: name, ...(hidden === undefined ? {} : { rowNumber: hidden }) };
  });
}

/** The numbers that AUTOINCREMENT gave last. */
function counters(last: ReadonlyMap<string, bigint>, counted: readonly string[]): ReturnType<Made['counters']> {
  if (counted.length === 0) return undefined;
  const lines = counted
    .filter((name) => last.has(name))
    .map((name, at) => `{"rowid":${at + 1},"name":${JSON.stringify(name)},"seq":${last.get(name)}}`);
  return { stored: 'sqlite_sequence', lines };
}

function tableSql(table: WantedTable, lost: Lost[]): string {
  const { name, columns, primary, uniques, references, checks } = table;
  const [key, ...others] = primary?.columns ?? [];
  const numbered = columns.find(({ name: column, counts }) => counts && column === key && others.length === 0);
  const entries = columns.map((column) => {
    const isNumber = column === numbered;
    const words = [quoted(column.name), ...(column.type.name === '' ? [] : [column.type.name])];
    if (isNumber) words.push('PRIMARY KEY AUTOINCREMENT');
    else if (column.notNull) words.push('NOT NULL');
    const byDefault = column.byDefault === undefined ? undefined : defaultSql(column.byDefault, column);
    if (byDefault !== undefined && !isNumber) words.push(`DEFAULT ${byDefault}`);
    if (column.byDefault !== undefined && byDefault === undefined)
      lost.push({ what: 'default', name: `${name}.${column.name}`, why: `no ${column.type.name} of SQLite’s is that` });
    if (column.counts && !isNumber)
      lost.push({
        what: 'numbering',
        name: `${name}.${column.name}`,
        why: 'SQLite only numbers by a primary key of one column',
      });
    return words.join(' ');
  });
  if (primary !== undefined && numbered === undefined) entries.push(`PRIMARY KEY (${list(primary.columns)})`);
  for (const unique of uniques) entries.push(`UNIQUE (${list(unique.columns)})`);
  for (const { must, name: rule } of checks) {
    const sql = conditionSql(table, must);
    if (sql === undefined)
      lost.push({ what: 'check', name: rule ?? name, why: 'it would mean another thing to SQLite' });
    else entries.push(`${rule === undefined ? '' : `CONSTRAINT ${quoted(rule)} `}CHECK ${sql}`);
  }
  for (const reference of references) entries.push(referenceSql(reference));
  return `CREATE TABLE ${quoted(name)}(\n  ${entries.join(',\n  ')}\n)`;
}

const list = (names: readonly string[]) => names.map(quoted).join(', ');

function referenceSql({ columns, table, to, onDelete, onUpdate, waits }: CommonReference): string {
  const actions = [
    onDelete === 'NO ACTION' ? '' : ` ON DELETE ${onDelete}`,
    onUpdate === 'NO ACTION' ? '' : ` ON UPDATE ${onUpdate}`,
    waits ? ' DEFERRABLE INITIALLY DEFERRED' : '',
  ];
  return `FOREIGN KEY (${list(columns)}) REFERENCES ${quoted(table)}(${list(to)})${actions.join('')}`;
}

const conditionSql = (table: WantedTable, condition: Parameters<typeof writeCondition>[0]) =>
  writeCondition(condition, {
    held: (column) => table.columns.find(({ name }) => name === column)?.type.held,
    name: quoted,
    truth: (value) => (value ? '1' : '0'),
  });

function indexSql(table: WantedTable, index: CommonIndex, taken: Set<string>, lost: Lost[]): string[] {
  const only = index.only === undefined ? undefined : conditionSql(table, index.only);
  if (index.only !== undefined && only === undefined) {
    lost.push({ what: 'index', name: index.name, why: 'which rows are in it would mean another thing to SQLite' });
    return [];
  }
  let name = index.name;
  for (let n = 2; taken.has(fold(name)); n++) name = `${index.name}_${n}`;
  taken.add(fold(name));
  const columns = index.columns.map(
    (column) => `${quoted(column.name)}${column.ignoresCase ? ' COLLATE NOCASE' : ''}${column.descends ? ' DESC' : ''}`,
  );
  return [
    `CREATE ${index.isUnique ? 'UNIQUE ' : ''}INDEX ${quoted(name)} ON ${quoted(table.name)}(${columns.join(', ')})${only === undefined ? '' : ` WHERE ${only}`}`,
  ];
}

function defaultSql(byDefault: Default, { type }: WantedTable['columns'][number]): string | undefined {
  if ('now' in byDefault) {
    const fits =
      byDefault.now === 'seconds' ? type.name === 'INTEGER' : type.held === 'texts' && type.name !== 'TIMESTAMPTZ';
    return fits ? defaultNow(byDefault.now) : undefined;
  }
  return type.write(byDefault.value) === undefined ? undefined : valueSql(byDefault.value);
}

function valueSql(value: Value): string | undefined {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? writeReal(value) : undefined;
  if (typeof value === 'string') return value.includes('\0') ? undefined : literal(value);
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  return 'decimal' in value && /^-?\d+(\.\d+)?$/.test(value.decimal) ? value.decimal : undefined;
}
