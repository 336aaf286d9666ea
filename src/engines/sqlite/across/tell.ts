import type { CommonIndex, CommonKey, CommonReference, Lost } from '../../../core/common/definitions.ts';
import { ACTIONS } from '../../../core/common/definitions.ts';
import { type Dialect, readExpression } from '../../../core/common/expression.ts';
import { membersOf } from '../../../core/json.ts';
import type { SchemaObject, Settings } from '../../../core/manifest.ts';
import type { Told, ToldColumn, ToldTable } from '../../across.ts';
import { fold, isSameName } from '../names.ts';
import { makeWithOldStrings } from '../old-strings.ts';
import { type Db, openForBuilding, type SqliteOptions, withProblems } from '../open.ts';
import { literal, quoted, readTables, type Table } from '../schema.ts';
import { endsOf } from '../sql/counted-tables.ts';
import { tokensIn } from '../sql/sql-tokens.ts';
import { inParenthesesAfter } from '../sql/sql-words.ts';
import { isVirtualDefinition, wordsOf } from '../sql/virtual-tables.ts';
import { columnKind } from './declared.ts';
import { readDefault } from './defaults.ts';
import { readValue } from './values.ts';

/**
 * What definitions say in common words. SQLite itself is asked: they are made in memory, without rows. Functions and collations of the app's
 * own need its `prepare` for that.
 */
export async function tell(schema: readonly SchemaObject[], settings: Settings, options: SqliteOptions): Promise<Told> {
  const db = openForBuilding(':memory:', options);
  const lost: Lost[] = [];
  try {
    const virtual = schema.filter(isVirtualDefinition);
    const ordinary = schema.filter((object) => object.type === 'table' && !isVirtualDefinition(object));
    const shadows = new Set(virtual.flatMap(({ name, sql }) => endsOf(sql).map((end) => fold(`${name}_${end}`))));
    const indexes = schema.filter(({ type }) => type === 'index');
    for (const { name } of virtual) lost.push({ what: 'virtual table', name, why: 'its module is SQLite’s' });
    for (const { type, name } of schema)
      if (type === 'view' || type === 'trigger') lost.push({ what: type, name, why: 'its SQL is SQLite’s' });
    for (const [name, value] of Object.entries(settings))
      if ((name === 'user_version' || name === 'application_id') && value !== 0)
        lost.push({ what: 'setting', name: `${name} = ${value}`, why: 'only SQLite has it' });
    return withProblems('the schema', () => {
      for (const table of ordinary) makeWithOldStrings(db, table);
      for (const index of indexes) if (!shadows.has(fold(index.table))) makeWithOldStrings(db, index);
      const stored = new Map(readTables(db).map((table) => [table.name, table]));
      const own = ordinary.filter(({ name }) => !shadows.has(fold(name)));
      const tellers = own.flatMap((object) => {
        const table = stored.get(object.name);
        return table === undefined ? [] : [tellTable(db, object, table, indexes, own, lost)];
      });
      return {
        tables: tellers,
        lost,
        counters: { stored: 'sqlite_sequence', read: (line) => counterIn(line, own) },
      };
    });
  } finally {
    db.close();
  }
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
  readonly hidden: number;
}

function tellTable(
  db: Db,
  { name, sql }: SchemaObject,
  table: Table,
  definitions: readonly SchemaObject[],
  own: readonly SchemaObject[],
  lost: Lost[],
): ToldTable {
  const rows = db.prepare<[string], ColumnRow>('SELECT * FROM temp.pragma_table_xinfo(?)').all(name);
  const collations = collationsOf(db, table);
  for (const { name: column, hidden } of rows)
    if (hidden > 1)
      lost.push({ what: 'generated column', name: `${name}.${column}`, why: 'it is computed in SQLite’s SQL' });
  for (const [column, collation] of collations)
    if (collation !== 'BINARY')
      lost.push({
        what: 'collation',
        name: `${name}.${column}`,
        why: `texts are compared as ${collation} only in SQLite`,
      });
  const rowid = table.hiddenRowid ? undefined : table.rowid;
  const columns = table.columns.map((column): ToldColumn => {
    const row = rows.find((each) => each.name === column.name);
    const said = row?.dflt_value ?? null;
    const byDefault = said === null ? undefined : readDefault(said);
    if (said !== null && byDefault === undefined)
      lost.push({ what: 'default', name: `${name}.${column.name}`, why: `${said} is SQLite’s` });
    return {
      name: column.name,
      kind: columnKind(row?.type ?? ''),
      declared: row?.type ?? '',
      // A rowid is never NULL, whatever is said of it.
      notNull: column.notNull || column.name === rowid,
      ...(byDefault === undefined ? {} : { byDefault }),
      counts: column.name === rowid,
      read: readValue,
    };
  });
  const dialect: Dialect = {
    column: (wanted) =>
      columns.find((each) => isSameName(each.name, wanted) && collations.get(each.name) === 'BINARY')?.name,
    hasCasts: false,
  };
  const primary = rows
    .filter(({ pk }) => pk > 0)
    .sort((a, b) => a.pk - b.pk)
    .map((row) => row.name);
  const { uniques, indexes } = keysOf(db, table, definitions, dialect, lost);
  return {
    name,
    stored: name,
    columns,
    ...(table.hiddenRowid && table.rowid !== undefined ? { number: table.rowid } : {}),
    rowNames: primary.length > 0 ? primary : table.rowid === undefined ? [] : [table.rowid],
    ...(primary.length === 0 ? {} : { primary: { columns: primary } }),
    uniques,
    indexes,
    references: referencesOf(db, name, sql, own, lost),
    checks: inParenthesesAfter(sql, 'CHECK').flatMap((check) => {
      const must = readExpression(check, dialect);
      if (must === undefined)
        lost.push({ what: 'check', name: `${name}: ${check.trim()}`, why: 'it is said in SQLite’s SQL' });
      return must === undefined ? [] : [{ must }];
    }),
  };
}

/** How texts of each column are compared: an index that says nothing of it does it as the column. */
function collationsOf(db: Db, { name, columns }: Table): Map<string, string> {
  const asked = 'overwinter_asks';
  db.exec('SAVEPOINT overwinter_asks');
  try {
    return new Map(
      columns.map((column) => {
        db.exec(`CREATE INDEX ${asked} ON ${quoted(name)}(${quoted(column.name)})`);
        const found = db
          .prepare<[], string>(`SELECT coll FROM temp.pragma_index_xinfo(${literal(asked)}) WHERE key = 1`)
          .pluck()
          .get();
        db.exec(`DROP INDEX ${asked}`);
        return [column.name, (found ?? 'BINARY').toUpperCase()];
      }),
    );
  } finally {
    db.exec('ROLLBACK TO overwinter_asks; RELEASE overwinter_asks');
  }
}

interface IndexRow {
  readonly name: string;
  readonly unique: number;
  readonly origin: 'c' | 'u' | 'pk';
  readonly partial: number;
}

function keysOf(
  db: Db,
  { name, columns: all }: Table,
  definitions: readonly SchemaObject[],
  dialect: Dialect,
  lost: Lost[],
): { uniques: CommonKey[]; indexes: CommonIndex[] } {
  const uniques: CommonKey[] = [];
  const indexes: CommonIndex[] = [];
  const found = db.prepare<[string], IndexRow>('SELECT * FROM temp.pragma_index_list(?) ORDER BY seq DESC').all(name);
  const stored = new Set(all.map((column) => column.name));
  for (const { name: index, unique, origin, partial } of found) {
    if (origin === 'pk') continue;
    const lose = (why: string) =>
      lost.push({
        what: origin === 'u' ? 'unique' : 'index',
        name: origin === 'u' ? `${name} (${index})` : index,
        why,
      });
    const columns = db
      .prepare<[string], { name: string | null; coll: string; desc: number }>(
        'SELECT name, coll, "desc" FROM temp.pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno',
      )
      .all(index)
      .map((column) => ({
        name: column.name ?? '',
        descends: column.desc === 1,
        ignoresCase: column.coll.toUpperCase() === 'NOCASE',
        collation: column.coll.toUpperCase(),
      }));
    if (columns.some((column) => !stored.has(column.name))) lose('it is over an expression or a generated column');
    else if (columns.some(({ collation }) => !['BINARY', 'NOCASE'].includes(collation)))
      lose('texts are compared in a way of their own in it');
    else if (origin === 'u' && !columns.some(({ ignoresCase }) => ignoresCase))
      uniques.push({ columns: columns.map((column) => column.name) });
    else {
      const sql = definitions.find((each) => each.name === index)?.sql ?? '';
      const only = partial === 1 ? readExpression(afterWhere(sql), dialect) : undefined;
      if (partial === 1 && only === undefined) lose('which rows are in it is said in SQLite’s SQL');
      else
        indexes.push({
          name: origin === 'u' ? `${name}_${columns.map((column) => column.name).join('_')}_unique` : index,
          isUnique: unique === 1,
          columns: columns.map(({ collation: _, ...column }) => column),
          ...(only === undefined ? {} : { only }),
        });
    }
  }
  return { uniques, indexes };
}

/** What stands behind the WHERE that is in no parentheses. */
function afterWhere(sql: string): string {
  let depth = 0;
  for (const { text, to } of tokensIn(sql)) {
    if (text === '(') depth++;
    else if (text === ')') depth--;
    else if (depth === 0 && text.toUpperCase() === 'WHERE') return sql.slice(to);
  }
  return '';
}

interface KeyRow {
  readonly id: number;
  readonly table: string;
  readonly from: string;
  readonly to: string | null;
  readonly on_update: string;
  readonly on_delete: string;
}

function referencesOf(
  db: Db,
  name: string,
  sql: string,
  own: readonly SchemaObject[],
  lost: Lost[],
): CommonReference[] {
  const rows = db
    .prepare<[string], KeyRow>('SELECT * FROM temp.pragma_foreign_key_list(?) ORDER BY id DESC, seq')
    .all(name);
  const ids = [...new Set(rows.map(({ id }) => id))];
  const waiting = deferredIn(sql);
  if (waiting > 0 && waiting < ids.length)
    lost.push({
      what: 'deferral',
      name,
      why: 'not all foreign keys of the table wait for the end of a transaction: here none does',
    });
  return ids.flatMap((id) => {
    const key = rows.filter((row) => row.id === id);
    const [first] = key;
    const parent = own.find((each) => isSameName(each.name, first?.table ?? ''));
    const columns = key.map(({ from }) => from);
    if (first === undefined || parent === undefined) {
      lost.push({
        what: 'foreign key',
        name: `${name} (${columns.join(', ')})`,
        why: `there is no table ${first?.table}`,
      });
      return [];
    }
    const named = key.flatMap(({ to }) => (to === null ? [] : [to]));
    const all = db.prepare<[string], ColumnRow>('SELECT * FROM temp.pragma_table_xinfo(?)').all(parent.name);
    const primary = all.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    const to = named.length === 0 ? primary.map((row) => row.name) : named;
    const actionOf = (said: string) => ACTIONS.find((action) => action === said.toUpperCase()) ?? 'NO ACTION';
    return [
      {
        columns: columns.map((column) => spelled(db, name, column)),
        table: parent.name,
        to: to.map((column) => all.find((row) => isSameName(row.name, column))?.name ?? column),
        onDelete: actionOf(first.on_delete),
        onUpdate: actionOf(first.on_update),
        waits: waiting === ids.length,
      },
    ];
  });
}

/** A column by its own spelling. */
function spelled(db: Db, table: string, column: string): string {
  const names = db.prepare<[string], string>('SELECT name FROM temp.pragma_table_xinfo(?)').pluck().all(table);
  return names.find((each) => isSameName(each, column)) ?? column;
}

function deferredIn(sql: string): number {
  const words = wordsOf(sql).map((word) => word.toUpperCase());
  return words.filter((word, at) => word === 'DEFERRED' && words[at - 1] === 'INITIALLY').length;
}

function counterIn(line: string, own: readonly SchemaObject[]): { table: string; last: bigint } | undefined {
  const members = membersOf(line);
  const name = readValue(members.get('name') ?? 'null');
  const last = readValue(members.get('seq') ?? 'null');
  return typeof name === 'string' && typeof last === 'bigint' && own.some((each) => each.name === name)
    ? { table: name, last }
    : undefined;
}
