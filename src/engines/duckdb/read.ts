import { join } from 'node:path';
import type { SchemaObject } from '../../core/manifest.ts';
import { isLeftOutWhole, leftOutOf, type Selection } from '../../core/privacy/left-out.ts';
import { rowsNeedOthers } from '../../core/problems/duckdb.ts';
import type { Check, Reading, ReadTable, Select } from '../engine.ts';
import { type DuckdbSettings, duckdbCodec, SEQUENCES } from './codec.ts';
import { copyAside, openCopy, removeFiles } from './copy-aside.ts';
import { duckdbProblem } from './duckdb-problem.ts';
import type { Original } from './inspect.ts';
import { emptyAmong, samplesOf, sparseColumns } from './looks.ts';
import { literal } from './names.ts';
import { danglingRows, narrow } from './narrow.ts';
import type { Db } from './open.ts';
import type { Source } from './rows-sql.ts';
import { readSchema } from './schema.ts';
import { readSequences, type Standing, sequenceSlices } from './sequences.ts';
import { shapesOf } from './shapes.ts';
import { countRowsOf, slicesOf, type TableFiles, tableFiles } from './table-rows.ts';
import { readTables, type Table } from './tables.ts';

let copies = 0;

/** Opens one consistent moment: a copy of the file, made while nobody could write to it. `catalog` is what the database that it is, or is to be, calls itself. */
export async function readFile(
  { path, label, wait }: Original,
  catalog: string,
  scratch: string,
  select: Select | undefined,
): Promise<Reading> {
  const file = join(scratch, `reading-${process.pid}-${copies++}.duckdb`);
  await copyAside(path, label, file, wait);
  let db: Db | undefined;
  const close = async () => {
    db?.close();
    removeFiles(file);
  };
  try {
    db = await openCopy(file, label, catalog, scratch, false);
    return await readingOf(db, scratch, select, close);
  } catch (error) {
    await close();
    throw duckdbProblem(label, error);
  }
}

/** Shows somebody what lies in a file that is about to take a database's place. Throws what they throw. */
export async function lookAt(file: Original, catalog: string, { scratch, look }: Check): Promise<void> {
  const reading = await readFile(file, catalog, scratch, undefined);
  try {
    await look(reading);
  } finally {
    await reading.close();
  }
}

/** Everything that is there in a moment that is held open. */
export async function readingOf(
  db: Db,
  scratch: string,
  select: Select | undefined,
  close: () => Promise<void>,
): Promise<Reading> {
  const tables = await readTables(db);
  const schema = await readSchema(db, tables);
  const selection = select?.(shapesOf(tables, schema)) ?? {};
  const sources = await narrow(db, tables, selection);
  await mustNotDangle(db, sources, tables, selection);
  const saved = await countRowsOf(db, sources);
  const partly = sources.filter(({ only }) => only !== undefined).map(({ table }) => ({ table }));
  const there = new Map([...saved, ...(await countRowsOf(db, partly))]);
  const gone = tables.filter(({ key }) => isLeftOutWhole(selection, key)).map((table) => ({ table }));
  const sequences = await readSequences(db);
  const files = tableFiles(db, sources, scratch);
  return {
    codec: duckdbCodec,
    schema: keptOf(schema, tables, selection),
    settings: await settingsOf(db),
    tables: [
      ...sources.map((source) => readTable(db, source, files, saved, there)),
      ...(sequences.length === 0 ? [] : [sequencesTable(sequences)]),
    ],
    leftOut: leftOutOf(selection),
    dangling: [],
    absent: await countRowsOf(db, gone),
    async close() {
      await files.close();
      await close();
    },
  };
}

/** Without what is defined over tables that are left out. */
function keptOf(schema: readonly SchemaObject[], tables: readonly Table[], selection: Selection) {
  const gone = new Set(tables.map(({ key }) => key).filter((key) => isLeftOutWhole(selection, key)));
  return schema.filter(({ type, table }) => !gone.has(table) || !['table', 'index', 'comment'].includes(type));
}

async function mustNotDangle(db: Db, sources: readonly Source[], tables: readonly Table[], selection: Selection) {
  const [first] = await danglingRows(db, sources, tables, selection);
  if (first !== undefined) throw rowsNeedOthers(first)();
}

async function settingsOf(db: Db): Promise<DuckdbSettings> {
  const [[version = ''] = []] = await db.rows(
    `SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = ${literal(db.catalog)}`,
  );
  return { storage_version: (version ?? '').replace(/\+$/, '') };
}

function readTable(
  db: Db,
  source: Source,
  files: TableFiles,
  saved: ReadonlyMap<string, number>,
  all: ReadonlyMap<string, number>,
): ReadTable {
  const { key } = source.table;
  const rows = saved.get(key) ?? 0;
  const inOurWords = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw duckdbProblem(db.label, error);
    }
  };
  return {
    name: key,
    own: true,
    rows,
    there: all.get(key) ?? 0,
    async *slices() {
      try {
        yield* slicesOf(db, source, rows, files);
      } catch (error) {
        throw duckdbProblem(db.label, error);
      }
    },
    sparseColumns: () => inOurWords(() => sparseColumns(db, source)),
    emptyAmong: (columns) => inOurWords(() => emptyAmong(db, source, columns)),
    // DuckDB lets no NULL into a column that is NOT NULL.
    missingValue: async () => undefined,
    samples: (rows) => inOurWords(() => samplesOf(db, source, rows)),
  };
}

function sequencesTable(sequences: readonly Standing[]): ReadTable {
  const rows = sequences.length;
  return {
    name: SEQUENCES,
    own: false,
    rows,
    there: rows,
    slices: () => sequenceSlices(sequences),
    sparseColumns: async () => [],
    emptyAmong: async () => [],
    missingValue: async () => undefined,
    samples: async () => new Map(),
  };
}
