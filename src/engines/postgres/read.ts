import type { SchemaObject } from '../../core/manifest.ts';
import { isLeftOutWhole, leftOutOf } from '../../core/privacy/left-out.ts';
import { largeObjectsThere, notLoadable, serverTooOld } from '../../core/problems/postgres-reading.ts';
import type { Reading, ReadTable, Select } from '../engine.ts';
import { readSchema } from './catalog/read-schema.ts';
import type { Scope } from './catalog/scope.ts';
import { postgresCodec, SEQUENCES } from './codec.ts';
import { serverProblem } from './connect-problem.ts';
import type { Connect, Session } from './driver.ts';
import { emptyAmong, samplesOf, sparseColumns, unloadable } from './looks.ts';
import { begin } from './moment.ts';
import type { Named } from './names.ts';
import { danglingRows, narrow } from './narrow.ts';
import { markThere } from './own-mark.ts';
import type { Source } from './rows-sql.ts';
import { findSequences, sequenceSlices } from './sequences.ts';
import { shapesOf } from './shapes.ts';
import { countRowsOf, type Reader, slicesOf } from './table-rows.ts';
import { findTables, type Table } from './tables.ts';
import { inTurns } from './turns.ts';

/** What is to be read, and by whom. */
export interface Subject {
  readonly label: string;
  readonly scope: Scope;
  readonly connect: Connect;
}

/** Opens one consistent moment of a database for reading. */
export async function read(subject: Subject, select: Select | undefined): Promise<Reading> {
  const { label, scope, connect } = subject;
  const session = await connect();
  try {
    const isChecked = await mustBeReadable(session, label);
    return await inTurns(async () => {
      const tables = await begin(session, subject, (found) => {
        const selection = select?.(shapesOf(found.tables, [])) ?? {};
        return ({ key }) => isLeftOutWhole(selection, key);
      });
      return readingOf({ session, label, scope, isChecked }, tables, select, () => session.close());
    });
  } catch (error) {
    await session.close();
    throw serverProblem(label, error);
  }
}

/** The same of what a transaction sees that is open in a session, with the settings of `session-settings.ts`. Both stay open. */
export async function readWithin(
  session: Session,
  { label, scope }: Omit<Subject, 'connect'>,
  select: Select | undefined,
): Promise<Reading> {
  const isChecked = await mustBeReadable(session, label);
  const { tables } = await findTables(session, scope);
  return readingOf({ session, label, scope, isChecked }, tables, select, async () => {});
}

interface Asked extends Reader {
  readonly scope: Scope;
}

async function readingOf(
  reader: Asked,
  tables: readonly Table[],
  select: Select | undefined,
  close: Reading['close'],
): Promise<Reading> {
  const { session, label, scope } = reader;
  const { schema } = await readSchema(session, label, scope);
  // Once more, now that it is known what else needs those that are left out.
  const selection = select?.(shapesOf(tables, schema)) ?? {};
  const kept = schema.filter(({ table }) => !isLeftOutWhole(selection, table));
  const sources = inOrderOf(kept, await narrow(session, tables, selection));
  await mustBeLoadable(session, label, sources);
  const saved = await countRowsOf(session, sources);
  const partly = sources.filter(({ only }) => only !== undefined).map(({ table }) => ({ table }));
  const there = new Map([...saved, ...(await countRowsOf(session, partly))]);
  const gone = tables
    .filter(({ key, holdsRows }) => holdsRows && isLeftOutWhole(selection, key))
    .map((table) => ({ table }));
  const sequences = await findSequences(session, scope);
  const ownMark = await markThere(session);
  return {
    codec: postgresCodec,
    schema: kept,
    settings: { encoding: 'UTF8' },
    tables: [
      ...sources.map((source) => readTable(reader, source, saved, there)),
      ...(sequences.length === 0 ? [] : [sequencesTable(reader, sequences)]),
    ],
    leftOut: leftOutOf(selection),
    dangling: await danglingRows(session, sources, tables, selection),
    absent: await countRowsOf(session, gone),
    ...(ownMark === undefined ? {} : { ownMark }),
    close,
  };
}

/** Whether its texts are certainly texts. Throws DATABASE_FAILED for what a backup could not hold. */
async function mustBeReadable(session: Session, label: string): Promise<boolean> {
  const [[version = '', encoding = '', large = ''] = []] = await session.query(
    "SELECT current_setting('server_version'), current_setting('server_encoding'), (SELECT count(*) FROM pg_largeobject_metadata)",
  );
  if (Number.parseInt(version ?? '', 10) < OLDEST) throw serverTooOld(label, version ?? '')();
  if (large !== '0') throw largeObjectsThere(label, Number(large))();
  return encoding !== 'SQL_ASCII';
}

const OLDEST = 13;

/** Throws DATABASE_FAILED for a value whose text the server would not take again. */
async function mustBeLoadable(session: Session, label: string, sources: readonly Source[]): Promise<void> {
  for (const source of sources) {
    const found = await unloadable(session, source);
    if (found !== undefined) throw notLoadable(label, source.table.key, ...found)();
  }
}

/** Tables come as their definitions do. */
function inOrderOf(schema: readonly SchemaObject[], sources: readonly Source[]): Source[] {
  const tables = schema.filter(({ type }) => type === 'table').map(({ name }) => name);
  const places = new Map(tables.map((name, at) => [name, at]));
  const placeOf = ({ table }: Source) => places.get(table.key) ?? tables.length;
  return [...sources].sort((a, b) => placeOf(a) - placeOf(b));
}

type Counts = ReadonlyMap<string, number>;

function readTable(reader: Reader, source: Source, saved: Counts, there: Counts): ReadTable {
  const { session, label } = reader;
  const { key } = source.table;
  const rows = saved.get(key) ?? 0;
  const asking = <T>(work: () => Promise<T>) => withProblems(label, work);
  return {
    name: key,
    own: true,
    rows,
    there: there.get(key) ?? 0,
    slices: () => problemsOf(label, slicesOf(reader, source, rows)),
    sparseColumns: () => asking(() => sparseColumns(session, source)),
    emptyAmong: (columns) => asking(() => emptyAmong(session, source, columns)),
    // The server sees to it.
    missingValue: async () => undefined,
    samples: (most) => asking(() => samplesOf(session, source, most)),
  };
}

function sequencesTable({ session, label }: Reader, sequences: readonly Named[]): ReadTable {
  return {
    name: SEQUENCES,
    own: false,
    rows: sequences.length,
    there: sequences.length,
    slices: () => problemsOf(label, sequenceSlices(session, sequences)),
    sparseColumns: async () => [],
    emptyAmong: async () => [],
    missingValue: async () => undefined,
    samples: async () => new Map(),
  };
}

async function* problemsOf<T>(label: string, all: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* all;
  } catch (error) {
    throw serverProblem(label, error);
  }
}

async function withProblems<T>(label: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw serverProblem(label, error);
  }
}
