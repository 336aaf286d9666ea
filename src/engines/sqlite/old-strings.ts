import { reasonOf } from '../../core/errors.ts';
import type { SchemaObject } from '../../core/manifest.ts';
import { mustDefine } from './definition.ts';
import type { Db } from './open.ts';
import { tokensIn } from './sql/sql-tokens.ts';

/**
 * Makes a table or index whose definition may hold a string in double quotes. SQLite's command line takes `"word"` for a string
 * where nothing is called so, and every SQLite loads such a definition, but ours does not make one. So it is made with
 * proper strings, which is the same object, and then gets its own text back. Throws RESTORE_INEXACT for what is no definition.
 */
export function makeWithOldStrings(db: Db, object: SchemaObject): void {
  mustDefine(object);
  const { type, name, sql } = object;
  let proper = sql;
  for (let work = 0; ; work += sql.length) {
    try {
      db.prepare(proper).run();
      break;
    } catch (error) {
      const word = UNKNOWN_WORD.exec(reasonOf(error))?.[1];
      const next = word === undefined ? proper : asString(proper, word);
      if (next === proper || work > MOST_WORK) throw error;
      proper = next;
    }
  }
  if (proper === sql) return;
  writeSchema(db, () => {
    db.prepare('UPDATE sqlite_schema SET sql = ? WHERE type = ? AND name = ?').run(sql, type, name);
  });
}

/** So many letters are gone over at most: SQLite names one word at a time, and somebody's definition may hold thousands. */
const MOST_WORK = 30_000_000;

const UNKNOWN_WORD = /^no such column: "(.*)" - should this be a string literal in single-quotes\?$/s;

/** A name in single quotes is still a name where only a name can stand, so all its places may change. */
function asString(sql: string, word: string): string {
  const quoted = `"${word.replaceAll('"', '""')}"`;
  const pieces: string[] = [];
  let done = 0;
  for (const { text, from, to } of tokensIn(sql)) {
    if (text !== quoted) continue;
    pieces.push(sql.slice(done, from), `'${word.replaceAll("'", "''")}'`);
    done = to;
  }
  return pieces.join('') + sql.slice(done);
}

/** Changes the table of definitions itself, and has SQLite read it again. */
export function writeSchema(db: Db, change: () => void): void {
  db.unsafeMode(true);
  db.pragma('writable_schema = on');
  try {
    change();
    db.pragma(`schema_version = ${Number(db.pragma('schema_version', { simple: true })) + 1}`);
  } finally {
    db.pragma('writable_schema = reset');
    db.unsafeMode(false);
  }
}
