import { type OverwinterError, reasonOf } from '../../core/errors.ts';
import { type Content, rowCount, type Saved, type SchemaObject } from '../../core/manifest.ts';
import { missingColumns } from '../../core/privacy/left-out.ts';
import { restoreInexact } from '../../core/problems/restoring.ts';
import { count } from '../../core/words.ts';
import type { LoadReport, SliceSource } from '../engine.ts';
import { mustDefineVirtual, refused } from './definition.ts';
import { insertTable } from './insert.ts';
import { type InsertThread, insertThread, noInsertThread } from './insert-thread.ts';
import { makeWithOldStrings, writeSchema } from './old-strings.ts';
import { type Db, openForBuilding, type SqliteOptions } from './open.ts';
import { makePrivate } from './private.ts';
import { type Field, registerRowFunctions } from './rows.ts';
import { quoted, readSchema, readSettings, readTables, type Table } from './schema.ts';
import { settingsIn } from './settings.ts';
import { isVirtualDefinition } from './sql/virtual-tables.ts';
import { sqliteProblem } from './sqlite-problem.ts';
import { discardDatabase } from './swap.ts';

/**
 * Makes a new database: header settings, tables, rows, then all that must not see rows being inserted (indexes for speed,
 * triggers so that they do not fire), then SQLite's own tables, then the checks.
 */
export async function build(
  target: string,
  content: Saved,
  slices: SliceSource,
  onRows: (rows: number) => void,
  options: SqliteOptions,
): Promise<LoadReport> {
  makePrivate(target);
  const db = openForBuilding(target, options);
  const second = options.prepare === undefined ? insertThread(db, target, content) : noInsertThread(db);
  try {
    const settings = settingsIn(content.settings);
    const { schema } = content;
    db.pragma(`encoding = '${settings.encoding}'`);
    db.pragma(`page_size = ${settings.page_size}`);
    db.pragma(`auto_vacuum = ${settings.auto_vacuum}`);
    registerRowFunctions(db, settings.encoding);
    db.exec('BEGIN');
    for (const object of schema) if (isVirtualDefinition(object)) mustDefineVirtual(db, object);
    for (const object of schema)
      if (object.type === 'table' && !isVirtualDefinition(object)) makeWithOldStrings(db, object);
    makeInternalTables(db, content);
    const rows = await insertRows(db, content, slices, onRows, second);
    addVirtualTables(db, schema.filter(isVirtualDefinition));
    for (const object of schema) if (object.type !== 'table') makeWithOldStrings(db, object);
    db.exec('COMMIT');
    db.pragma(`user_version = ${settings.user_version}`);
    db.pragma(`application_id = ${settings.application_id}`);
    // Takes effect with the next look at the file, which lets others in.
    db.pragma('locking_mode = normal');
    mustBeAsSaid(db, content);
    const warnings = await second.check();
    db.pragma('synchronous = full');
    db.pragma(`journal_mode = ${settings.journal_mode}`);
    db.close();
    return { rows, warnings };
  } catch (error) {
    if (db.open) db.close();
    const problem = sqliteProblem(target, error);
    discardDatabase(target);
    throw ofTheBackup(problem);
  } finally {
    await second.stop();
  }
}

/** A new file that is damaged was made so by what is in the backup: the hint for a damaged database would mislead. */
function ofTheBackup(problem: OverwinterError): OverwinterError {
  const isOfRows = problem.code === 'DATABASE_CORRUPT' || /malformed JSON/.test(problem.message);
  return isOfRows ? restoreInexact('as SQLite reads it', reasonOf(problem.cause ?? problem))(problem) : problem;
}

/**
 * What was made must be what the backup says, to the letter: objects nobody listed, rows without a place for them and settings that
 * SQLite passes over in silence are not.
 */
function mustBeAsSaid(db: Db, { schema, settings, data }: Content): void {
  const made = readSchema(db);
  for (const [at, object] of schema.entries()) {
    const { type, name, table, sql } = made[at] ?? { type: 'nothing', name: '', table: '', sql: '' };
    if (type !== object.type || name !== object.name || table !== object.table || sql !== object.sql)
      throw refused(object, `its definition of ${object.name} makes something else`);
  }
  const unsaid = made[schema.length];
  if (unsaid !== undefined) throw refused(unsaid, 'it is in no definition');
  const lost = readTables(db).find(({ name }) => !data.has(name));
  if (lost !== undefined) throw refused({ type: 'table', name: lost.name }, 'the backup has no word on its rows');
  const { journal_mode: _, ...header } = readSettings(db);
  for (const [name, value] of Object.entries(header)) {
    const said = Object.entries(settings).find(([key]) => key === name)?.[1];
    if (value !== said) throw restoreInexact(`with the setting ${name}`, `it is ${value} instead of ${said}`)();
  }
}

/** SQLite makes these itself, when it first has a reason to. */
function makeInternalTables(db: Db, content: Content): void {
  const wanted = [...content.data.keys()].filter((name) => name.startsWith('sqlite_'));
  const exists = (name: string) =>
    db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').pluck().get(name) !== undefined;
  if (wanted.includes('sqlite_sequence') && !exists('sqlite_sequence')) {
    db.exec('CREATE TABLE overwinter_first(id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE overwinter_first');
  }
  if (wanted.some((name) => name.startsWith('sqlite_stat'))) {
    db.exec('ANALYZE sqlite_schema');
    for (const name of ['sqlite_stat1', 'sqlite_stat4']) {
      if (!wanted.includes(name) && exists(name)) db.exec(`DROP TABLE ${name}`);
    }
  }
}

async function insertRows(
  db: Db,
  content: Saved,
  slices: SliceSource,
  onRows: (rows: number) => void,
  second: InsertThread,
): Promise<number> {
  const tables = new Map(readTables(db).map((table) => [table.name, table]));
  const names = [...content.data.keys()].filter((name) => name !== 'sqlite_sequence');
  // Inserting counts sequences up, so their own table comes last.
  if (content.data.has('sqlite_sequence')) names.push('sqlite_sequence');
  let rows = 0;
  for (const name of names) {
    const table = tables.get(name);
    const expected = rowCount(content.data.get(name) ?? { rows: [] });
    if (table === undefined) throw restoreInexact(`with table '${name}'`, 'it has rows but no definition')();
    if (name === 'sqlite_sequence') await second.merge();
    if (name.startsWith('sqlite_')) db.exec(`DELETE FROM ${quoted(name)}`);
    const fields = fieldsOf(table, missingColumns(content.metadata ?? {}, name));
    const inserted = second.mayHelp(table)
      ? await second.insertTable(table, fields, slices, onRows)
      : await insertTable(db, name, fields, slices(name), onRows);
    if (inserted !== expected) {
      throw restoreInexact(`with table '${name}'`, `${inserted} of ${count(expected, 'row')} arrived`)();
    }
    rows += inserted;
  }
  await second.merge();
  for (const [name, table] of tables) emptyMissing(db, table, missingColumns(content.metadata ?? {}, name));
  return rows;
}

/** Every stored column under its own name, and the rowid where it is none of them. */
function fieldsOf(table: Table, missing: readonly string[]): Field[] {
  const fields = table.columns
    .filter(({ name }) => !missing.includes(name))
    .map((column) => ({ name: column.name, column: quoted(column.name) }));
  if (table.hiddenRowid && table.rowid !== undefined) fields.unshift({ name: table.rowid, column: table.rowid });
  return fields;
}

/** What the rows leave out is NULL, and only where that cannot be, the column's default. */
function emptyMissing(db: Db, { name, columns }: Table, missing: readonly string[]): void {
  for (const column of columns) {
    if (column.notNull || !missing.includes(column.name)) continue;
    db.exec(`UPDATE ${quoted(name)} SET ${quoted(column.name)} = NULL WHERE ${quoted(column.name)} IS NOT NULL`);
  }
}

/**
 * A virtual table is one entry in the schema; all it keeps is in its shadow tables, which are here already. Making it anew
 * would make those anew, and needs its module; the entry alone does not.
 */
function addVirtualTables(db: Db, virtual: readonly SchemaObject[]): void {
  if (virtual.length === 0) return;
  const taken = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE');
  writeSchema(db, () => {
    const add = db.prepare(
      "INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES ('table', ?, ?, 0, ?)",
    );
    for (const object of virtual) {
      if (taken.get(object.name) !== undefined) throw refused(object, 'there is another of that name');
      add.run(object.name, object.name, object.sql);
    }
  });
}
