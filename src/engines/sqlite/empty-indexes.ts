import { reasonOf } from '../../core/errors.ts';
import type { Selection } from '../../core/privacy/left-out.ts';
import { cannotEmpty } from '../../core/problems/settings.ts';
import { makeWithOldStrings } from './old-strings.ts';
import { type Db, openForBuilding, type SqliteOptions } from './open.ts';
import { registerRowFunctions } from './rows.ts';
import { readSchema, readSettings } from './schema.ts';
import { isVirtualDefinition } from './sql/virtual-tables.ts';
import { readTableKinds } from './table-kinds.ts';

/** Where the tables of virtual tables can be read as they are before anything was put into them. */
export interface EmptyIndexes {
  readonly db: Db;
  holds(table: string): boolean;
  close(): void;
}

/**
 * A full-text index without entries still has to be a sound one. So what a backup holds of one that is left out is what its own
 * module makes when the table is new. Throws DATABASE_FAILED where it does not.
 */
export function emptyIndexes(db: Db, selection: Selection, options: SqliteOptions): EmptyIndexes {
  const schema = readSchema(db);
  const wanted = schema
    .filter(isVirtualDefinition)
    .filter(({ name }) =>
      Object.entries(selection.excluded ?? {}).some(([table, what]) => table === name && what === 'rows'),
    );
  if (wanted.length === 0) return { db, holds: () => false, close: () => {} };
  const empty = openForBuilding(':memory:', options);
  try {
    const { encoding, page_size } = readSettings(db);
    empty.pragma(`encoding = '${encoding}'`);
    empty.pragma(`page_size = ${page_size}`);
    const theirs = new Set(wanted.flatMap(({ name }) => shadowsOf(db, name)));
    // An index may look at the table it is about when it is made.
    for (const object of schema) {
      if (object.type === 'table' && !isVirtualDefinition(object) && !theirs.has(object.name))
        makeWithOldStrings(empty, object);
    }
    for (const { name, sql } of wanted) {
      try {
        empty.prepare(sql).run();
      } catch (error) {
        throw cannotEmpty(name, reasonOf(error))(error);
      }
    }
    registerRowFunctions(empty, encoding);
    // How an index is set up is no secret, and the app would miss it.
    return { db: empty, holds: (table) => theirs.has(table) && !table.endsWith('_config'), close: () => empty.close() };
  } catch (error) {
    empty.close();
    throw error;
  }
}

/** The tables in which a virtual table keeps what it knows. */
export function shadowsOf(db: Db, virtual: string): string[] {
  const isIt = (name: string | undefined) => name?.toLowerCase() === virtual.toLowerCase();
  return [...readTableKinds(db)].flatMap(([name, { of }]) => (isIt(of) ? [name] : []));
}
