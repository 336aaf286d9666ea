import { rowsReferenced, tableUnknown } from '../../core/problems/usage.ts';
import { countRows } from '../codec.ts';
import { type Db, openForWriting, type SqliteOptions } from './open.ts';
import { quoted, readSchema, readTables } from './schema.ts';
import { countedTables } from './sql/counted-tables.ts';
import { sqliteProblem } from './sqlite-problem.ts';
import { countOf } from './table-rows.ts';

/**
 * Empties tables in one transaction that is begun before `first` runs and ended after it: nothing can be written in between.
 * Returns how many rows went, by table; rows that foreign keys took along count too.
 */
export async function clear(
  path: string,
  tables: readonly string[],
  first: () => Promise<void>,
  options: SqliteOptions,
): Promise<Map<string, number>> {
  const db = openForWriting(path, options);
  try {
    const schema = readSchema(db);
    const own = countedTables(schema).map(({ name }) => name);
    const unknown = tables.find((name) => !own.includes(name));
    if (unknown !== undefined) throw tableUnknown(unknown, own)();
    db.pragma('foreign_keys = on');
    db.exec('BEGIN IMMEDIATE');
    await first();
    const counts = () => countRows(countedTables(schema), (name) => countOf(db, { name }));
    const before = counts();
    db.pragma('defer_foreign_keys = on');
    for (const name of childrenFirst(db, tables)) remove(db, name);
    const after = counts();
    commit(db, tables);
    return new Map(own.map((name) => [name, (before.get(name) ?? 0) - (after.get(name) ?? 0)]));
  } catch (error) {
    throw sqliteProblem(path, error);
  } finally {
    // An open transaction ends with its connection, and nothing of it stays.
    db.close();
  }
}

const parentsOf = (db: Db, table: string) =>
  db.prepare<[string], string>('SELECT lower("table") FROM pragma_foreign_key_list(?)').pluck().all(table);

/** A key that restricts is checked at once, so a table goes after those that point to it. */
function childrenFirst(db: Db, tables: readonly string[]): string[] {
  const left = [...new Set(tables)];
  const ordered: string[] = [];
  while (left.length > 0) {
    const free = left.findIndex(
      (name) => !left.some((other) => other !== name && parentsOf(db, other).includes(name.toLowerCase())),
    );
    ordered.push(...left.splice(Math.max(0, free), 1));
  }
  return ordered;
}

const isForeignKey = (error: unknown) =>
  error instanceof Error && 'code' in error && /^SQLITE_CONSTRAINT_(FOREIGNKEY|TRIGGER)$/.test(String(error.code));

function remove(db: Db, table: string): void {
  try {
    db.exec(`DELETE FROM ${quoted(table)}`);
  } catch (error) {
    if (isForeignKey(error)) throw rowsReferenced([table], childrenOf(db, [table]))(error);
    throw error;
  }
}

function commit(db: Db, tables: readonly string[]): void {
  try {
    db.exec('COMMIT');
  } catch (error) {
    if (isForeignKey(error)) throw rowsReferenced(tables, childrenOf(db, tables))(error);
    throw error;
  }
}

/** The tables, other than these, whose keys point to these. */
function childrenOf(db: Db, tables: readonly string[]): string[] {
  const wanted = tables.map((name) => name.toLowerCase());
  return readTables(db)
    .map(({ name }) => name)
    .filter((name) => !tables.includes(name) && parentsOf(db, name).some((parent) => wanted.includes(parent)));
}
