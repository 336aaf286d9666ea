import type { Piece } from '../../core/slices.ts';
import type { Db } from './open.ts';
import { type Care, carefulValue, joined, keyOf, membersOf } from './rows.ts';
import { quoted, type Table } from './schema.ts';
import { isWhole } from './text.ts';

/** A row of more bytes is not made into a line at once: SQLite would hold its values several times over while it does. */
export const HUGE_ROW = 8 * 1024 * 1024;

/** In a huge row, what makes a value be read by itself. */
const LONG_VALUE = 1024 * 1024;
/**
 * How much of a BLOB is asked for at a time, and in how many steps at most: SQLite reads all of it each time, but lets go of it at once,
 * while a copy of our own would wait for the engine to collect it, and the next value's beside it.
 */
const READ_STEP = 24 * 1024 * 1024;
const MOST_READS = 8;
/** How much is encoded in one step; a multiple of three like the other, so that base64 can be cut there. */
const STEP = 96 * 1024;

const CAREFUL: Care = { blobs: true, reals: true, texts: true };

/** Where a single row is found: what follows FROM, and what is bound there. */
export interface Place {
  readonly from: string;
  readonly bounds: readonly bigint[];
}

/** Some of a line. It can be gone through several times. */
interface Segment {
  readonly bytes: number;
  readonly chunks: Iterable<Uint8Array>;
}

/**
 * The line of a huge row, the same bytes as any other way of making it: long values are read one after the other, when somebody
 * goes through the line, and only one is held at a time. Undefined where no value of the row is long.
 */
export function hugeRow(db: Db, table: Table, encoding: string, { from, bounds }: Place): Piece | undefined {
  const get = (what: string): unknown =>
    db
      .prepare<bigint[], unknown>(`SELECT ${what} FROM ${from}`)
      .pluck()
      .get(...bounds);
  const kinds = new Map(longValues(db, table, encoding, { from, bounds }));
  if (kinds.size === 0) return undefined;

  const bytes = (expression: string) => {
    const found = get(encoding === 'UTF-8' ? `CAST(${expression} AS BLOB)` : expression);
    return found instanceof Uint8Array ? found : Buffer.from(String(found));
  };
  const run = (terms: readonly string[]) => {
    const expression = joined(terms, '||');
    return segment(function* () {
      yield bytes(expression);
    });
  };
  const read = (what: string) => {
    const found = get(what);
    return found instanceof Uint8Array ? found : new Uint8Array();
  };
  const stored = (column: string) => read(`CAST(${quoted(column)} AS BLOB)`);
  const storedSteps = function* (column: string, length: number) {
    const step = Math.max(READ_STEP, 3 * Math.ceil(length / 3 / MOST_READS));
    for (let at = 0; at < length; at += step) yield read(`substr(${quoted(column)}, ${at + 1}, ${step})`);
  };

  const segments: Segment[] = [];
  let terms: string[] = [];
  for (const [at, member] of membersOf(table).entries()) {
    terms.push(keyOf(member, at));
    const long = kinds.get(member.name);
    if (long === undefined) {
      terms.push(carefulValue(member.value, CAREFUL));
      continue;
    }
    segments.push(run(terms));
    terms = [];
    segments.push(
      long.kind === 'blob'
        ? blob(long.length, () => storedSteps(member.name, long.length))
        : text(db, () => stored(member.name)),
    );
  }
  segments.push(run([...terms, "'}'", 'char(10)']));
  return {
    rows: 1,
    bytes: segments.reduce((sum, each) => sum + each.bytes, 0),
    chunks: {
      *[Symbol.iterator]() {
        for (const each of segments) yield* each.chunks;
      },
    },
  };
}

interface Long {
  readonly kind: 'blob' | 'text';
  readonly length: number;
}

/** Text in UTF-16 is not among them: SQLite itself must turn it into UTF-8. */
function longValues(db: Db, table: Table, encoding: string, { from, bounds }: Place): [string, Long][] {
  const kinds = encoding === 'UTF-8' ? ['blob', 'text'] : ['blob'];
  const read = table.columns.filter(({ instead }) => instead === undefined);
  const looks = read.map(({ name }) => {
    const column = quoted(name);
    const isLong = `octet_length(${column}) > ${LONG_VALUE} AND typeof(${column}) IN ('${kinds.join("', '")}')`;
    return `CASE WHEN ${isLong} THEN typeof(${column}) || octet_length(${column}) END`;
  });
  if (looks.length === 0) return [];
  const found = db
    .prepare<bigint[], (string | null)[]>(`SELECT ${looks.join(', ')} FROM ${from}`)
    .raw()
    .get(...bounds);
  return read.flatMap(({ name }, at): [string, Long][] => {
    const look = found?.[at] ?? null;
    if (look === null) return [];
    return [[name, { kind: look.startsWith('blob') ? 'blob' : 'text', length: Number(look.slice(4)) }]];
  });
}

function segment(make: () => Iterable<Uint8Array>, bytes = lengthOf(make())): Segment {
  return { bytes, chunks: { [Symbol.iterator]: () => make()[Symbol.iterator]() } };
}

function lengthOf(chunks: Iterable<Uint8Array>): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}

/** How much a BLOB takes follows from its length, so it need not be read to know. */
function blob(length: number, stored: () => Iterable<Uint8Array>): Segment {
  return segment(() => tagged('blob', stored()), '{"$blob":""}'.length + 4 * Math.ceil(length / 3));
}

function text(db: Db, stored: () => Uint8Array): Segment {
  const quote = db.prepare<[Uint8Array], Buffer>('SELECT CAST(json_quote(CAST(? AS TEXT)) AS BLOB)').pluck();
  return segment(function* () {
    const bytes = stored();
    if (!isWhole(bytes, 'UTF-8')) {
      yield* tagged('text', [bytes]);
      return;
    }
    yield Buffer.from('"');
    // What a character is written as does not hang on its neighbours, nor for SQLite on the other bytes of the same one.
    for (const some of stepsOf(bytes)) yield quote.get(some)?.subarray(1, -1) ?? new Uint8Array();
    yield Buffer.from('"');
  });
}

function* tagged(tag: string, stored: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield Buffer.from(`{"$${tag}":"`);
  for (const bytes of stored) for (const some of stepsOf(bytes)) yield Buffer.from(some.toString('base64'), 'latin1');
  yield Buffer.from('"}');
}

function* stepsOf({ buffer, byteOffset, byteLength }: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < byteLength; at += STEP)
    yield Buffer.from(buffer, byteOffset + at, Math.min(STEP, byteLength - at));
}
