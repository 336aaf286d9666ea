import { createHash } from 'node:crypto';
import type { Slice } from '../../../core/slices.ts';
import type { Moment } from '../moment.ts';
import type { Db } from '../open.ts';
import type { Table } from '../schema.ts';
import { type TableSize, targetOf } from '../table-rows.ts';
import { bytesOf } from './bytes.ts';
import { type Changes, changesBetween, type KnownSlice, touches } from './known-slices.ts';
import { type TableNotes, writeNotes } from './notes.ts';
import { scanPages } from './scan-pages.ts';
import type { Since } from './since.ts';
import { type Trees, treesIn } from './trees.ts';

/** Where more of a table has changed, it is hardly faster than to read all of it, for which there may be two threads. */
const MOST_CHANGED = 0.4;

/** To be raised with every change of how lines are written or where slices are cut: what an older version noted must not be used. */
const LINES = 1;

export interface Followed {
  readonly table: Table;
  readonly size: TableSize;
}

interface KnownTable {
  readonly slices: readonly KnownSlice[];
  readonly changes: Changes;
  /** Of the slices in which something has changed. */
  readonly bytes: number;
}

/** Knows what has changed in a database since a reading before, by its pages. */
export interface Following {
  /** What is known of a table; undefined for one that is to be read whole, of which nothing is known or too little is as it was. */
  known(table: string): KnownTable | undefined;
  /** Keeps what was found in a table, for the notes. */
  found(table: string, slices: readonly Slice[]): void;
  /** For the next reading; undefined where nothing can be said. Before the moment is closed. */
  notes(): Promise<Uint8Array | undefined>;
}

/**
 * Undefined for a database that is too small to be followed. It never throws: who does not know what has changed reads everything.
 */
export function follow(
  moment: Moment,
  encoding: string,
  tables: readonly Followed[],
  since: Since | undefined,
): Following | undefined {
  try {
    return moment.isFollowed ? begin(moment, encoding, tables, since) : undefined;
  } catch {
    return undefined;
  }
}

function begin(moment: Moment, encoding: string, tables: readonly Followed[], since: Since | undefined): Following {
  const { db } = moment;
  const followed = new Map(
    tables
      .filter(({ table }) => table.rowid !== undefined && table.only === undefined)
      .map((each) => [each.table.name, each]),
  );
  const shapes = shapesOf(db, encoding);
  const known = new Map<string, KnownTable>();
  for (const [name, each] of followed) {
    const noted = since?.noted.get(name);
    const leaves = since?.trees.leaves(name, each.size.rows);
    if (noted === undefined || leaves === undefined || shapes(each) !== noted.shape) continue;
    const changes = changesBetween(noted.leaves, leaves);
    const { slices } = noted;
    const touched = slices.filter(({ keys }) => touches(changes, keys));
    const bytes = touched.reduce((sum, slice) => sum + slice.bytes, 0);
    if (touched.length <= MOST_CHANGED * slices.length && slices.length > 0)
      known.set(name, { slices, changes, bytes });
  }
  const results = new Map<string, readonly KnownSlice[]>();

  const notedOf = (trees: Trees): TableNotes[] =>
    [...results].flatMap(([name, slices]): TableNotes[] => {
      const each = followed.get(name);
      const leaves = each && trees.leaves(name, each.size.rows);
      return each === undefined || leaves === undefined ? [] : [{ name, shape: shapes(each), slices, leaves }];
    });
  return {
    known: (table) => known.get(table),
    found(table, slices) {
      const all = slices.map(({ keys, rows, bytes }) => (keys === undefined ? undefined : { keys, rows, bytes }));
      const whole = all.filter((slice) => slice !== undefined);
      if (whole.length > 0 && whole.length === all.length) results.set(table, whole);
    },
    async notes() {
      try {
        if (results.size === 0) return undefined;
        const trees = since?.trees ?? (await treesOf(moment));
        return trees && writeNotes({ pages: trees.pages, tables: notedOf(trees) });
      } catch {
        return undefined;
      }
    },
  };
}

async function treesOf(moment: Moment): Promise<Trees | undefined> {
  const pages = await bytesOf(moment, (bytes) => scanPages(bytes));
  return pages && treesIn(moment.db, pages);
}

/**
 * What besides its pages makes a table's lines: its definition, what is left out, how SQLite writes values, and how large slices are to be.
 */
function shapesOf(db: Db, encoding: string): (of: Followed) => string {
  const version = db.prepare<[], string>('SELECT sqlite_version()').pluck().get();
  const definitions = db
    .prepare<[string], string>("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .pluck();
  return ({ table, size }) =>
    createHash('sha256')
      .update(JSON.stringify([LINES, version, encoding, targetOf(size), definitions.get(table.name), table]))
      .digest('hex');
}
