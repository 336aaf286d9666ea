import { reasonOf } from '../../core/errors.ts';
import { membersOf } from '../../core/json.ts';
import { type Content, rowCount } from '../../core/manifest.ts';
import { columnGone, restoreInexact, tableGone } from '../../core/problems/restoring.ts';
import type { LoadReport, LongSlice, SliceSource } from '../engine.ts';
import { checkIntegrity } from './check.ts';
import { insertTable } from './insert.ts';
import { cutRows } from './long-values.ts';
import { type Db, openForWriting, type SqliteOptions, sqliteProblem } from './open.ts';
import { type Field, registerRowFunctions } from './rows.ts';
import { quoted, readSchema, readSettings, readTables, type Table } from './schema.ts';

/**
 * Puts rows into tables that migrations have made already, by column name. Everything happens in one transaction; triggers
 * and full-text tables are the app's own business afterwards, so triggers are put aside while the rows go in.
 */
export async function fill(
  target: string,
  content: Content,
  slices: SliceSource,
  onRows: (rows: number) => void,
  options: SqliteOptions,
): Promise<LoadReport> {
  const db = openForWriting(target, options);
  try {
    db.pragma('ignore_check_constraints = on');
    // Outside of WAL mode a commit that did not reach the disk is an error; in it, only a checkpoint that nobody waits for.
    const mode = db.pragma('journal_mode', { simple: true });
    db.pragma('journal_mode = delete');
    registerRowFunctions(db, readSettings(db).encoding);
    db.exec('BEGIN IMMEDIATE');
    const triggers = readSchema(db).filter((object) => object.type === 'trigger');
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${quoted(name)}`);
    const { rows, kept } = await fillTables(db, content, slices, onRows);
    for (const { sql } of triggers) db.prepare(sql).run();
    db.exec('COMMIT');
    const warnings = checkIntegrity(db);
    if (mode === 'wal') db.pragma('journal_mode = wal');
    db.close();
    return { rows, warnings: [...kept, ...warnings] };
  } catch (error) {
    if (db.open) db.close();
    throw sqliteProblem(target, error);
  }
}

async function fillTables(
  db: Db,
  content: Content,
  slices: SliceSource,
  onRows: (rows: number) => void,
): Promise<{ rows: number; kept: string[] }> {
  const tables = new Map(readTables(db).map((table) => [table.name, table]));
  const kept: string[] = [];
  let rows = 0;
  for (const [name, data] of content.data) {
    const expected = rowCount(data);
    if (expected === 0 || name.startsWith('sqlite_')) continue;
    const table = tables.get(name);
    if (table === undefined) throw tableGone(name)();
    if (!table.own) {
      kept.push(`${name} belongs to a full-text or spatial index, which is yours to rebuild`);
      continue;
    }
    if (db.prepare(`SELECT 1 FROM ${quoted(name)} LIMIT 1`).get() !== undefined) {
      kept.push(`${name} had rows already and keeps them`);
      continue;
    }
    const keys = await keysOf(name, slices(name));
    const inserted = await insertTable(db, name, fieldsOf(table, keys), slices(name), onRows, keys);
    if (inserted !== expected)
      throw restoreInexact(`with table '${name}'`, `${inserted} rows arrived of ${expected}`)();
    rows += inserted;
  }
  await raiseSequences(db, slices);
  return { rows, kept };
}

/** The numbers of deleted rows are not to be given out again: each sequence goes on from the greater of the two. */
async function raiseSequences(db: Db, slices: SliceSource): Promise<void> {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get() === undefined) return;
  const raise = db.prepare(`UPDATE sqlite_sequence SET seq = max(seq, ?1 ->> '$.seq') WHERE name = ?1 ->> '$.name'`);
  const add = db.prepare(`INSERT INTO sqlite_sequence(name, seq) SELECT ?1 ->> '$.name', ?1 ->> '$.seq'
    WHERE EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 ->> '$.name' AND sql LIKE '%AUTOINCREMENT%')`);
  for await (const lines of shortLines('sqlite_sequence', slices('sqlite_sequence'))) {
    for (const line of Buffer.from(lines).toString('utf8').trimEnd().split('\n')) {
      if (line !== '' && raise.run({ 1: line }).changes === 0) add.run({ 1: line });
    }
  }
}

/** The lines without their long values. */
async function* shortLines(table: string, slices: AsyncIterable<Uint8Array | LongSlice>): AsyncGenerator<Uint8Array> {
  for await (const slice of slices) for await (const { lines } of cutRows(table, slice)) yield lines;
}

/** What the first row calls its values: the others call them so too, or are refused. */
async function keysOf(table: string, slices: AsyncIterable<Uint8Array | LongSlice>): Promise<string[]> {
  for await (const lines of shortLines(table, slices)) {
    const text = Buffer.from(lines).toString('utf8');
    try {
      return [...membersOf(text.slice(0, text.indexOf('\n'))).keys()];
    } catch (error) {
      throw restoreInexact(`with table '${table}'`, `it holds a row that is none: ${reasonOf(error)}`)(error);
    }
  }
  return [];
}

/** The columns that the backup has values for, each with its place now. Throws COLUMN_GONE where one has none. */
function fieldsOf(table: Table, keys: readonly string[]): Field[] {
  const places = new Map(table.columns.map(({ name }) => [name.toLowerCase(), quoted(name)]));
  if (table.hiddenRowid && table.rowid !== undefined) places.set(table.rowid, table.rowid);
  return keys.flatMap((name) => {
    const column = places.get(name.toLowerCase());
    // A hidden rowid has no place where the table has a key of its own by now.
    if (column === undefined && ['rowid', '_rowid_', 'oid'].includes(name)) return [];
    if (column === undefined) throw columnGone(table.name, name)();
    return [{ name, column }];
  });
}
