import type { Shapes } from '../../core/privacy/select.ts';
import type { ColumnShape, Reference, UniqueShape } from '../../core/privacy/shape.ts';
import { codeOf } from '../../core/system-error.ts';
import { fold } from './names.ts';
import type { Db } from './open.ts';
import { prepared } from './prepared.ts';
import { readSchema } from './schema.ts';
import { type DefinedTable, leakingTables } from './sql/indexes.ts';
import { inParenthesesAfter, namesIn } from './sql/sql-words.ts';
import { readTableKinds } from './table-kinds.ts';

interface ColumnRow {
  name: string;
  type: string;
  notnull: number;
  dflt_value: string | null;
  pk: number;
  hidden: number;
}

interface KeyRow {
  id: number;
  table: string;
  from: string;
  to: string | null;
}

const columnRows = prepared((db, sql) => db.prepare<[string], ColumnRow>(sql));
const keyRows = prepared((db, sql) => db.prepare<[string], KeyRow>(sql));
const names = prepared((db, sql) => db.prepare<[string], string>(sql).pluck());
const texts = prepared((db, sql) => db.prepare<[string], string | null>(sql).pluck());

/** What whoever decides about columns must know of the tables, as SQLite itself understands them. */
export function readShapes(db: Db): Shapes {
  const kinds = readTableKinds(db);
  const schema = readSchema(db);
  const tables = schema
    .filter(({ type }) => type === 'table')
    .map(
      ({ name, sql }): DefinedTable => ({
        name,
        sql,
        kind: kinds.get(name)?.type ?? 'table',
        columns: columnsOf(db, name),
        uniques: uniquesOf(db, name),
        references: referencesOf(db, name),
        computedFrom: () => namesIn(inParenthesesAfter(sql, 'AS').join('\n')),
      }),
    );
  const others = schema.filter(({ type }) => type === 'view' || type === 'trigger');
  return {
    tables,
    fold,
    others: others.map(({ type, name, table, sql }) => ({ type, name, table, mentions: () => namesIn(sql) })),
    leakingTables: (declared, sources, byName) => leakingTables(tables, others, declared, sources, byName),
  };
}

function columnsOf(db: Db, table: string): ColumnShape[] {
  let rows: ColumnRow[];
  try {
    rows = columnRows(db, 'SELECT * FROM temp.pragma_table_xinfo(?)').all(table);
  } catch (error) {
    if (codeOf(error) !== 'SQLITE_ERROR') throw error;
    // A virtual table of a module that is not here: nobody can ask it, and it keeps nothing of its own.
    return [];
  }
  return rows
    .filter(({ hidden }) => hidden !== 1)
    .map(({ name, type, notnull, dflt_value, pk, hidden }) => ({
      name,
      type,
      notNull: notnull === 1,
      hasDefault: dflt_value !== null && dflt_value.toUpperCase() !== 'NULL',
      isKey: pk > 0,
      isGenerated: hidden > 1,
    }));
}

function uniquesOf(db: Db, table: string): UniqueShape[] {
  const indexes = names(db, `SELECT name FROM temp.pragma_index_list(?) WHERE "unique" = 1 AND origin <> 'pk'`).all(
    table,
  );
  const columns = texts(db, 'SELECT name FROM temp.pragma_index_info(?)');
  const sql = texts(db, 'SELECT sql FROM sqlite_schema WHERE name = ?');
  return indexes.map((index) => ({
    columns: columns.all(index).map((name) => name ?? undefined),
    mentions: namesIn(sql.get(index) ?? ''),
  }));
}

function referencesOf(db: Db, table: string): Reference[] {
  const rows = keyRows(
    db,
    'SELECT id, "table", "from", "to" FROM temp.pragma_foreign_key_list(?) ORDER BY id, seq',
  ).all(table);
  return [...new Set(rows.map(({ id }) => id))].map((id) => {
    const key = rows.filter((row) => row.id === id);
    return {
      table: key[0]?.table ?? '',
      from: key.map(({ from }) => from),
      to: key.flatMap(({ to }) => (to === null ? [] : [to])),
    };
  });
}
