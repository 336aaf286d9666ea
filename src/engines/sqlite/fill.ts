import { reasonOf } from '../../core/errors.ts';
import { membersOf } from '../../core/json.ts';
import { type Content, rowCount, type SchemaObject } from '../../core/manifest.ts';
import { columnGone, restoreInexact, tableGone, virtualTableChanged } from '../../core/problems/restoring.ts';
import { count } from '../../core/words.ts';
import { countRows } from '../codec.ts';
import type { LoadReport, LongSlice, SliceSource } from '../engine.ts';
import { checkIntegrity } from './check.ts';
import { sqliteCodec } from './codec.ts';
import { insertTable } from './insert.ts';
import { cutRows } from './long-values.ts';
import { isSameName } from './names.ts';
import { type Db, openForWriting, type SqliteOptions } from './open.ts';
import { type Field, registerRowFunctions } from './rows.ts';
import { quoted, readSchema, readSettings, readTables, type Table } from './schema.ts';
import { countedTables, tablesOfVirtual } from './sql/counted-tables.ts';
import { contentOf } from './sql/indexes.ts';
import { isVirtualDefinition } from './sql/virtual-tables.ts';
import { sqliteProblem } from './sqlite-problem.ts';
import { countOf } from './table-rows.ts';

/**
 * Puts rows into tables that migrations have made already, by column name. Everything happens in one transaction; triggers
 * are the app's own business afterwards, so they are put aside while the rows go in. What the tool for migrations notes of its work
 * stays as it is here: the tables are as it says.
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

interface Filled {
  /** Of the user's tables. */
  readonly rows: number;
  /** What stayed as it was, in sentences. */
  readonly kept: readonly string[];
}

async function fillTables(
  db: Db,
  content: Content,
  slices: SliceSource,
  onRows: (rows: number) => void,
): Promise<Filled> {
  const tables = new Map(readTables(db).map((table) => [table.name, table]));
  const schema = readSchema(db);
  const kept: string[] = [];
  let rows = 0;
  const insert = async (table: Table, expected: number) => {
    if (expected === 0) return;
    const keys = await keysOf(table.name, slices(table.name));
    const inserted = await insertTable(db, table.name, fieldsOf(table, keys), slices(table.name), onRows, keys);
    if (inserted !== expected)
      throw restoreInexact(`with table '${table.name}'`, `${inserted} of ${count(expected, 'row')} arrived`)();
  };
  const virtual = tablesOfVirtual(content.schema);
  const inVirtual = new Set([...virtual.values()].flat());
  for (const [name, data] of content.data) {
    const expected = rowCount(data);
    if (expected === 0 || name.startsWith('sqlite_') || inVirtual.has(name)) continue;
    const bookkeeping = [...schema, ...content.schema]
      .filter((object) => object.name === name)
      .map(sqliteCodec.bookkeepingOf)[0];
    const table = tables.get(name);
    // What a tool did to the tables that are here is known by the tables that are here.
    if (bookkeeping === 'ledger' || (bookkeeping === 'made' && table === undefined)) continue;
    if (table === undefined) throw tableGone(name)();
    if (!table.own) {
      kept.push(`${name} belongs to a full-text or spatial index, which is yours to rebuild`);
      continue;
    }
    // Rows that come back point to those that were made then.
    if (bookkeeping === 'made') db.exec(`DELETE FROM ${quoted(name)}`);
    if (hasRows(db, name)) {
      kept.push(`${name} had rows already and keeps them`);
      continue;
    }
    await insert(table, expected);
    if (bookkeeping === undefined) rows += expected;
  }
  const counts = countRows(countedTables(content.schema), (stored) => rowsStored(content, stored));
  for (const [name, stored] of virtual) {
    const expected = counts.get(name) ?? 0;
    if (expected === 0) continue;
    const there = schema.find((object) => object.name === name && isVirtualDefinition(object));
    if (there === undefined) throw tableGone(name)();
    if ((countRows(countedTables(schema), (each) => countOf(db, { name: each })).get(name) ?? 0) > 0) {
      kept.push(`${name} had rows already and keeps them`);
      continue;
    }
    if (there.sql !== content.schema.find((object) => object.name === name)?.sql) throw virtualTableChanged(name)();
    await fillVirtual(db, stored, tables, (table) => insert(table, rowsStored(content, table.name)));
    rows += expected;
  }
  await raiseSequences(db, slices);
  return { rows, kept: [...kept, ...makeIndexes(db, schema), ...newerMigrations(db, schema, content)] };
}

const rowsStored = ({ data }: Content, table: string) => rowCount(data.get(table) ?? { rows: [] });

const hasRows = (db: Db, table: string) => db.prepare(`SELECT 1 FROM ${quoted(table)} LIMIT 1`).get() !== undefined;

/** A virtual table is what is in its own tables; even one without rows has something in them. */
async function fillVirtual(
  db: Db,
  stored: readonly string[],
  tables: ReadonlyMap<string, Table>,
  insert: (table: Table) => Promise<void>,
): Promise<void> {
  db.unsafeMode(true);
  try {
    for (const name of stored) {
      const table = tables.get(name);
      if (table === undefined) throw tableGone(name)();
      db.exec(`DELETE FROM ${quoted(name)}`);
      await insert(table);
    }
  } finally {
    db.unsafeMode(false);
  }
}

/** Makes full-text indexes over other tables again. Those over a view might take for ever: the app may ask that. */
function makeIndexes(db: Db, schema: readonly SchemaObject[]): string[] {
  const counted = new Set(countedTables(schema).map(({ name }) => name));
  const indexes = schema.filter((object) => isVirtualDefinition(object) && !counted.has(object.name));
  return indexes.flatMap(({ name, sql }) => {
    const about = contentOf(sql);
    if (!about) return [];
    const isTable = schema.some((object) => object.type === 'table' && isSameName(object.name, about));
    try {
      if (isTable) db.exec(`INSERT INTO ${quoted(name)}(${quoted(name)}) VALUES ('rebuild')`);
      else return [`${name} is an index over the view ${about}, which is yours to rebuild`];
      return [];
    } catch (error) {
      return [`${name} is an index over ${about}, which is yours to rebuild: ${reasonOf(error)}`];
    }
  });
}

/** Said where a tool for migrations did more to these tables than it had when the backup was made. */
function newerMigrations(db: Db, schema: readonly SchemaObject[], content: Content): string[] {
  const ledgers = schema.filter(
    (object) => sqliteCodec.bookkeepingOf(object) === 'ledger' && content.data.has(object.name),
  );
  const isNewer = ledgers.some(({ name }) => countOf(db, { name }) > rowsStored(content, name));
  return isNewer
    ? ['migrations that ran after this backup was made changed the tables, but not the rows that came back']
    : [];
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
