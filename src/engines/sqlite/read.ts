import { statSync } from 'node:fs';
import { ALL_KEYS, type Range, type Slice } from '../../core/slices.ts';
import type { Reading, ReadTable, Select } from '../engine.ts';
import { type Moment, openMoment } from './moment.ts';
import { narrow } from './narrow.ts';
import type { Db, SqliteOptions } from './open.ts';
import { sqliteProblem, withProblems } from './open.ts';
import { registerRowFunctions } from './rows.ts';
import { samplesOf } from './samples.ts';
import { mustBeKeepable, readSchema, readSettings, readTables, type Table } from './schema.ts';
import { type SecondReader, secondReader } from './second-reader.ts';
import { countOf, cutsOfTable, sizeOf, sliceReader } from './table-rows.ts';
import { readShapes } from './table-shapes.ts';

/** Opens one consistent moment of a database for reading. */
export async function read(
  path: string,
  scratch: string,
  select: Select | undefined,
  options: SqliteOptions,
): Promise<Reading> {
  const second = secondReader(statSync(path, { throwIfNoEntry: false })?.size ?? 0, options);
  let moment: Moment | undefined;
  const close = async () => {
    await second?.close();
    moment?.close();
  };
  try {
    moment = await openMoment(path, scratch, options);
    const helper = (await second?.join(moment)) ? second : undefined;
    return readingOf(moment.db, path, select, options, helper, close);
  } catch (error) {
    await close();
    throw sqliteProblem(path, error);
  }
}

function readingOf(
  db: Db,
  path: string,
  select: Select | undefined,
  options: SqliteOptions,
  second: SecondReader | undefined,
  close: Reading['close'],
): Reading {
  const settings = readSettings(db);
  registerRowFunctions(db, settings.encoding);
  mustBeKeepable(db, settings.encoding);
  const all = readTables(db);
  if (select === undefined) {
    const tables = all.map((table) => readTable(db, path, table, settings.encoding, second));
    return { schema: readSchema(db), settings, tables, close, leftOut: {}, dangling: [], absent: new Map() };
  }
  const narrowed = narrow(db, all, select(readShapes(db)), options);
  const tables = narrowed.tables.map(({ from, table }) =>
    readTable(from, path, table, settings.encoding, from === db ? second : undefined),
  );
  return {
    ...narrowed.facts,
    settings,
    tables,
    close() {
      narrowed.close();
      return close();
    },
  };
}

/** Fewer rows are read sooner than divided. */
const WORTH_DIVIDING = 20_000;

function readTable(db: Db, path: string, table: Table, encoding: string, second: SecondReader | undefined): ReadTable {
  const size = sizeOf(db, table);
  return {
    name: table.name,
    own: table.own,
    rows: size.rows,
    there: table.only === undefined ? size.rows : countOf(db, { ...table, only: undefined }),
    samples: (rows) => withProblems(path, () => samplesOf(db, table, rows)),
    async *slices(): AsyncGenerator<Slice> {
      try {
        const here = sliceReader(db, table, encoding, size);
        const cuts = second === undefined || size.rows < WORTH_DIVIDING ? [] : cutsOfTable(db, table, size.rows);
        if (second === undefined || cuts.length === 0) yield* here();
        else yield* second.share(table, size, rangesBetween(cuts), here);
      } catch (error) {
        throw sqliteProblem(path, error);
      }
    },
  };
}

function rangesBetween(cuts: readonly bigint[]): Range[] {
  const starts = [ALL_KEYS.from, ...cuts];
  return starts.map((from, at) => ({ from, to: (cuts[at] ?? ALL_KEYS.to + 1n) - 1n }));
}
