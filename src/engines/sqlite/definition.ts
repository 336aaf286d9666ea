import type { OverwinterError } from '../../core/errors.ts';
import type { SchemaObject } from '../../core/manifest.ts';
import { restoreInexact } from '../../core/problems/restoring.ts';
import { connect, type Db } from './driver.ts';
import { unquoted, wordsOf } from './sql/virtual-tables.ts';

/** How a definition of each kind begins; what SQLite keeps of one begins so too. */
const BEGINNINGS: Readonly<Record<string, (words: readonly string[]) => boolean>> = {
  // A list of columns must follow the name: `CREATE TABLE t AS SELECT` would run a query.
  table: ([, table, , list]) => table === 'TABLE' && list === '(',
  index: ([, index, more]) => index === 'INDEX' || (index === 'UNIQUE' && more === 'INDEX'),
  view: ([, view]) => view === 'VIEW',
  trigger: ([, trigger]) => trigger === 'TRIGGER',
};

/**
 * A definition comes out of a backup, which is somebody's text, and is run. So it must be one that makes what its entry says and
 * does nothing else: better-sqlite3 takes one statement at a time, and this lets no other statement through than these. Throws
 * RESTORE_INEXACT.
 */
export function mustDefine(object: SchemaObject): void {
  const words = wordsOf(object.sql, 4).map((word) => word.toUpperCase());
  if (words[0] !== 'CREATE' || BEGINNINGS[object.type]?.(words) !== true) throw isNone(object);
}

export function refused(object: Pick<SchemaObject, 'type' | 'name'>, what: string): OverwinterError {
  return restoreInexact(`with ${object.type} '${object.name}'`, what)();
}

const isNone = (object: SchemaObject) => refused(object, `its definition of ${object.name} is none`);

/**
 * Throws RESTORE_INEXACT for a virtual table that a schema is not to hold. Its entry is not run when it is restored, but its module
 * gets to see it whenever the database is used, and there are modules that read any file.
 */
export function mustDefineVirtual(db: Db, object: SchemaObject): void {
  const [create, virtual, table, name = '', using, module = '', ...list] = wordsOf(object.sql);
  const verbs = [create, virtual, table, using].map((word) => word?.toUpperCase()).join(' ');
  if (verbs !== 'CREATE VIRTUAL TABLE USING' || unquoted(name) !== object.name || !isOneList(list))
    throw isNone(object);
  if (!isKnownModule(db, unquoted(module)))
    throw refused(object, `it asks for the module ${module}, which neither SQLite nor prepare(db) vouches for`);
}

/** Nothing, or one pair of parentheses around everything. */
function isOneList(words: readonly string[]): boolean {
  let depth = 0;
  return words.every((word, at) => {
    if (word === '(') depth++;
    else if (word === ')') depth--;
    return at === words.length - 1 ? depth === 0 && word === ')' : depth > 0;
  });
}

/** Modules that keep what they are given in tables of the database itself, or show such tables in another way. */
const HARMLESS = ['fts3', 'fts4', 'fts5', 'fts4aux', 'fts5vocab', 'rtree', 'rtree_i32', 'geopoly'];

/** Functions that look like tables: every connection has them, and none belongs into a schema. */
const FUNCTION = /^(pragma_|jsonb?_)/;

/** Whether a module is harmless, or one that the app itself registered. */
export function isKnownModule(db: Db, module: string): boolean {
  const name = module.toLowerCase();
  if (HARMLESS.includes(name)) return true;
  if (FUNCTION.test(name) || !modulesOf(db).includes(name)) return false;
  const plain = connect(':memory:');
  try {
    return !modulesOf(plain).includes(name);
  } finally {
    plain.close();
  }
}

const modulesOf = (db: Db) => db.prepare<[], string>('SELECT lower(name) FROM temp.pragma_module_list').pluck().all();

/** The words after the columns of an ordinary table: `WITHOUT ROWID`, `STRICT`. */
export function optionsOf(sql: string): readonly string[] {
  if (sql.endsWith(')')) return [];
  const words: string[] = [];
  let depth = 0;
  let isAfter = false;
  for (const word of wordsOf(sql)) {
    if (word === '(') depth++;
    else if (word === ')' && --depth === 0) isAfter = true;
    else if (isAfter && depth === 0) words.push(word.toUpperCase());
  }
  return words;
}
