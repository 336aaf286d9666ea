import { statSync } from 'node:fs';
import { ALL_KEYS, type Range, type Slice } from '../../core/slices.ts';
import type { Reading, ReadTable, Select } from '../engine.ts';
import { sizeOfPages } from './changes/bytes.ts';
import { type Following, follow } from './changes/follow.ts';
import { slicesSince } from './changes/known-slices.ts';
import { pagesSince, type Since } from './changes/since.ts';
import { sqliteCodec } from './codec.ts';
import { HUGE_ROW } from './huge-row.ts';
import { missingValue } from './missing-values.ts';
import { beginMoment, copyAside, keepPages, type Moment, SOON_READ, versionOf } from './moment.ts';
import { narrow } from './narrow.ts';
import type { Db, SqliteOptions } from './open.ts';
import { withProblems } from './open.ts';
import { type ReaderThread, readerThread } from './reader-thread.ts';
import { registerRowFunctions } from './rows.ts';
import { samplesOf } from './samples.ts';
import { mustBeKeepable, mustBeReadable, readSchema, readSettings, readTables, type Table } from './schema.ts';
import type { SqliteSettings } from './settings.ts';
import { emptyAmong, sparseColumns } from './sparse-columns.ts';
import { sqliteProblem } from './sqlite-problem.ts';
import { countOf, cutsOfTable, rowsByKey, sizeOf, sliceReader, type TableSize, targetOf } from './table-rows.ts';
import { readShapes } from './table-shapes.ts';

/** Opens one consistent moment of a database for reading. */
export async function read(
  path: string,
  scratch: string,
  select: Select | undefined,
  options: SqliteOptions,
  before?: Uint8Array,
  takesLong = false,
): Promise<Reading> {
  let second: ReaderThread | undefined;
  let moment: Moment | undefined;
  let plan: Plan | undefined;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      plan?.close();
      await second?.close();
      await moment?.close();
    })();
    return closing;
  };
  try {
    const here = beginMoment(path, options);
    moment = here;
    const since = before && (await pagesSince(here, before));
    let found: Found | undefined;
    if (since !== undefined) {
      found = lookAt(here.db, since);
      plan = planOf(here, found, select, options, since);
    }
    // Where a reading before is known there is little to read, most often, and a thread would be started for nothing.
    const look = () => {
      // Not before another process copies: to start that takes five times as long while a thread is starting.
      if (since === undefined) second = readerThread(statSync(path, { throwIfNoEntry: false })?.size ?? 0, options);
      return found ?? lookAt(here.db);
    };
    const bytes = plan === undefined || takesLong ? sizeOfPages(here.db) : bytesToRead(plan);
    if (here.pagesIn === 'file' && bytes > SOON_READ) {
      plan?.close();
      plan = undefined;
      const copied = await copyAside(here, scratch, options, look);
      moment = copied.moment;
      found = copied.found;
      if (since !== undefined) plan = planOf(moment, found, select, options, since);
    } else {
      found = look();
    }
    const seen = versionOf(moment.db);
    if (plan !== undefined) second = readerThread(bytesToShare(plan), options);
    const joined = (await second?.join(moment)) ?? { moment, isShared: false };
    moment = joined.moment;
    const helper = joined.isShared ? second : undefined;
    // Where somebody wrote meanwhile, what both have joined in is a later moment than the one that was looked at.
    const isMoved = versionOf(moment.db) !== seen;
    if (isMoved) plan?.close();
    if (isMoved || plan === undefined)
      plan = planOf(moment, isMoved ? lookAt(moment.db) : found, select, options, undefined);
    return readingOf(plan, path, helper, close);
  } catch (error) {
    await close();
    throw sqliteProblem(path, error);
  }
}

/** What there is, before anything is left out. */
interface Found {
  readonly settings: SqliteSettings;
  readonly tables: readonly Table[];
  readonly sizes: ReadonlyMap<string, TableSize>;
}

function lookAt(db: Db, since?: Since): Found {
  const settings = readSettings(db);
  registerRowFunctions(db, settings.encoding);
  mustBeKeepable(db, settings.encoding);
  const tables = readTables(db);
  return {
    settings,
    tables,
    sizes: new Map(tables.map((table) => [table.name, since?.sizeOf(table) ?? sizeOf(db, table)])),
  };
}

/** What is to be read of a moment. */
interface Plan {
  readonly db: Db;
  readonly settings: SqliteSettings;
  readonly facts: Pick<Reading, 'schema' | 'leftOut' | 'dangling' | 'absent'>;
  readonly tables: readonly Sized[];
  readonly following: Following | undefined;
  close(): void;
}

function planOf(
  moment: Moment,
  { settings, tables: all, sizes }: Found,
  select: Select | undefined,
  options: SqliteOptions,
  since: Since | undefined,
): Plan {
  const { db } = moment;
  const { encoding } = settings;
  registerRowFunctions(db, encoding);
  const sized = (from: Db, table: Table): Sized => {
    mustBeReadable(db, table);
    const whole = (from === db && sizes.get(table.name)) || sizeOf(from, { ...table, only: undefined });
    const size = table.only === undefined ? whole : { ...whole, rows: countOf(from, table) };
    return { db: from, table, size, there: whole.rows };
  };
  const followed = (tables: readonly Sized[]) => {
    const own = tables.filter(({ db: from }) => from === db);
    return { tables, following: follow(moment, encoding, own, since) };
  };
  if (select === undefined) {
    const facts = { schema: readSchema(db), leftOut: {}, dangling: [], absent: new Map() };
    return { db, settings, facts, ...followed(all.map((table) => sized(db, table))), close: () => {} };
  }
  const selection = select(readShapes(db));
  if (selection.included ?? selection.excluded) keepPages(db, 'many');
  const narrowed = narrow(db, all, selection, options);
  try {
    const tables = narrowed.tables.map(({ from, table }) => sized(from, table));
    return { db, settings, facts: narrowed.facts, ...followed(tables), close: narrowed.close };
  } catch (error) {
    narrowed.close();
    throw error;
  }
}

function readingOf(
  { db, settings, facts, tables, following }: Plan,
  path: string,
  second: ReaderThread | undefined,
  close: Reading['close'],
): Reading {
  if (second !== undefined) share(second, db, tables, following);
  return {
    codec: sqliteCodec,
    ...facts,
    settings,
    tables: tables.map((table) => readTable(table, path, settings.encoding, second, following)),
    notes: async () => withProblems(path, () => following?.notes()),
    close,
  };
}

interface Sized {
  readonly db: Db;
  readonly table: Table;
  readonly size: TableSize;
  /** Rows with those that are left out. */
  readonly there: number;
}

/** Whoever of two readers reads it, a smaller table is read sooner than talked about. */
const WORTH_SHARING = 16 * 1024;

/** Whether two readers may share a table: it is large enough, and read whole. A row that cannot be held is read by this one. */
const isShared = ({ table, size, db: from }: Sized, db: Db, following: Following | undefined) =>
  from === db &&
  size.bytes >= WORTH_SHARING &&
  (table.rowid !== undefined || size.widest <= HUGE_ROW) &&
  following?.known(table.name) === undefined;

/** How many bytes of the database are to be read. */
const bytesToRead = ({ tables, following }: Plan): number =>
  tables.reduce((sum, { table, size }) => sum + (following?.known(table.name)?.bytes ?? size.bytes), 0);

/** How many bytes of the database belong to tables that two readers would share. */
const bytesToShare = ({ db, tables, following }: Plan): number =>
  tables.filter((each) => isShared(each, db, following)).reduce((sum, { size }) => sum + size.bytes, 0);

/** Gives the second reader all the tables that are worth it; it begins with them at once. */
function share(second: ReaderThread, db: Db, tables: readonly Sized[], following: Following | undefined): void {
  const shared = tables.filter((each) => isShared(each, db, following));
  second.share(shared.map(({ table, size }) => ({ table, size, ranges: rangesBetween(cutsOfTable(db, table, size)) })));
}

function readTable(
  { db, table, size, there }: Sized,
  path: string,
  encoding: string,
  second: ReaderThread | undefined,
  following: Following | undefined,
): ReadTable {
  return {
    name: table.name,
    own: table.own,
    rows: size.rows,
    there,
    samples: async (rows) => withProblems(path, () => samplesOf(db, table, rows, size.rows)),
    sparseColumns: async () => withProblems(path, () => sparseColumns(db, table)),
    missingValue: async () => withProblems(path, () => missingValue(db, table)),
    emptyAmong: async (columns) => withProblems(path, () => emptyAmong(db, table, columns)),
    async *slices(): AsyncGenerator<Slice> {
      const found: Slice[] = [];
      try {
        for await (const slice of slicesOf(db, table, size, encoding, second, following)) {
          // What is kept of it is where it lies, not what it holds.
          found.push({ ...slice, chunks: [] });
          yield slice;
        }
        following?.found(table.name, found);
      } catch (error) {
        throw sqliteProblem(path, error);
      }
    },
  };
}

/** A table's slices: only those that changed are read, where that is known, and else by two readers where there are two. */
function slicesOf(
  db: Db,
  table: Table,
  size: TableSize,
  encoding: string,
  second: ReaderThread | undefined,
  following: Following | undefined,
): Iterable<Slice> | AsyncIterable<Slice> {
  const known = following?.known(table.name);
  const rows = known && rowsByKey(db, table, encoding, size);
  if (known !== undefined && rows !== undefined) return slicesSince(rows, targetOf(size), known.slices, known.changes);
  const here = sliceReader(db, table, encoding, size);
  return second?.slices(table.name, here) ?? here();
}

function rangesBetween(cuts: readonly bigint[]): Range[] {
  const starts = [ALL_KEYS.from, ...cuts];
  return starts.map((from, at) => ({ from, to: (cuts[at] ?? ALL_KEYS.to + 1n) - 1n }));
}
