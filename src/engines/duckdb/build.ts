import { rowCount, type Saved, type SchemaObject } from '../../core/manifest.ts';
import { missingColumns } from '../../core/privacy/left-out.ts';
import { restoreInexact } from '../../core/problems/restoring.ts';
import type { LoadReport, SliceSource } from '../engine.ts';
import { readSettings, SEQUENCES } from './codec.ts';
import { duckdbProblem } from './duckdb-problem.ts';
import { type Field, type Load, loadRows } from './load-rows.ts';
import { makeAll, makeSequence, refused } from './make-schema.ts';
import { type Db, openFile } from './open.ts';
import { readSchema } from './schema.ts';
import { positionsIn } from './sequences.ts';
import { countRowsOf } from './table-rows.ts';
import { parentsFirst, readTables, type Table } from './tables.ts';

export interface Place {
  /** The file that is made. */
  readonly file: string;
  /** What the database that it is to be is called in its own definitions. */
  readonly catalog: string;
  readonly label: string;
  /** Where rows lie for a moment. */
  readonly scratch: string;
}

/** Makes a new database: what tables need, tables, rows, and then what is about them. */
export async function build(
  { file, catalog, label, scratch }: Place,
  content: Saved,
  slices: SliceSource,
  onRows: (rows: number) => void,
): Promise<LoadReport> {
  const storage = readSettings({ ...content.settings }).storage_version;
  const db = await openFile(file, { label, catalog, write: true, folder: scratch, storage });
  try {
    const { schema } = content;
    const ofType = (...types: string[]) => schema.filter(({ type }) => types.includes(type));
    await makeAll(db, ofType('schema', 'type'));
    const positions = await positionsIn(content, slices);
    for (const object of ofType('sequence')) await makeSequence(db, object, positions.get(object.name));
    // No row is seen by a view before somebody asks.
    await makeAll(db, ofType('macro', 'table', 'view'));
    const rows = await insertAll(db, content, slices, onRows, scratch);
    await makeAll(db, ofType('index'));
    await makeAll(db, ofType('comment'));
    const warnings = await mustBeAsSaid(db, schema);
    await db.run('CHECKPOINT');
    return { rows, warnings };
  } catch (error) {
    throw duckdbProblem(label, error);
  } finally {
    db.close();
  }
}

async function insertAll(
  db: Db,
  { data, metadata = {} }: Saved,
  slices: SliceSource,
  onRows: (rows: number) => void,
  scratch: string,
): Promise<number> {
  const tables = await readTables(db);
  const names = [...data.keys()].filter((name) => name !== SEQUENCES);
  const stranger = names.find((name) => !tables.some(({ key }) => key === name));
  if (stranger !== undefined) throw restoreInexact(`with table '${stranger}'`, 'it has rows but no definition')();
  const loads = parentsFirst(tables).map((table): Load => {
    const saved = data.get(table.key);
    if (saved === undefined) throw refused({ type: 'table', name: table.key }, 'the backup has no word on its rows');
    const missing = missingColumns(metadata, table.key);
    const fields = fieldsOf(table).filter(({ column }) => !missing.includes(column));
    // Where a column cannot be NULL, its default stands for what is left out.
    const empty = table.columns.filter(({ name, notNull }) => missing.includes(name) && !notNull);
    const expected = rowCount(saved);
    const names = empty.map(({ name }) => name);
    return { table, fields, empty: names, slices: () => slices(table.key), expected, name: table.key };
  });
  const rows = await loadRows(db, loads, scratch, onRows);
  const counts = await countRowsOf(
    db,
    tables.map((table) => ({ table })),
  );
  for (const [name, count] of counts)
    if (count !== rowCount(data.get(name) ?? { rows: [] }))
      throw restoreInexact(`with table '${name}'`, `${count} rows are in it, and the backup has others`)();
  return rows;
}

/** Everything that is saved of a table, under its own name. Throws RESTORE_INEXACT for a type that nothing can be put into. */
export function fieldsOf(table: Table): Field[] {
  return table.columns.flatMap(({ name, type, kind, isGenerated }) => {
    if (isGenerated) return [];
    if (kind === undefined) throw restoreInexact(`with table '${table.key}'`, `${name} is of the type ${type}`)();
    return [{ key: name, column: name, type, kind }];
  });
}

/**
 * What was made must be what the backup lists, no more and no less. Where another version of DuckDB writes a definition in other words, that
 * is said.
 */
async function mustBeAsSaid(db: Db, said: readonly SchemaObject[]): Promise<string[]> {
  const made = await readSchema(db, await readTables(db));
  const titleOf = ({ type, name, table }: SchemaObject) => JSON.stringify([type, name, table]);
  const byTitle = new Map(made.map((object) => [titleOf(object), object]));
  const warnings: string[] = [];
  for (const object of said) {
    const found = byTitle.get(titleOf(object));
    if (found === undefined) throw refused(object, 'its definition makes something else');
    byTitle.delete(titleOf(object));
    if (found.sql !== object.sql)
      warnings.push(`the ${object.type} ${object.name} reads otherwise in this version of DuckDB: ${found.sql}`);
  }
  for (const unsaid of byTitle.values()) throw refused(unsaid, 'it is in no definition');
  return warnings;
}
