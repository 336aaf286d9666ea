import { createHash } from 'node:crypto';
import type { Slice } from '../../../core/slices.ts';
import type { Moment } from '../moment.ts';
import type { Db } from '../open.ts';
import type { Table } from '../schema.ts';
import { type TableSize, targetOf } from '../table-rows.ts';
import { type Changes, changesBetween, type KnownSlice, touches } from './known-slices.ts';
import { type FoundLeaves, leavesOf } from './leaves.ts';
import { readNotes, type TableNotes, writeNotes } from './notes.ts';
import { type Pages, scanPages, withFileBytes } from './scan-pages.ts';

const WHOLE_BELOW = 8 * 1024 * 1024;

/** The pages of a database that others may write to are held in memory while they are gone over, so not of a larger one. */
const LARGEST_IN_MEMORY = 80 * 1024 * 1024;

/** Of each leaf something is held in memory. */
const LARGEST = 1024 * 1024 * 1024;

/** Where more of a table has changed, it is hardly faster than to read all of it, for which there may be two threads. */
const MOST_CHANGED = 0.4;

/** To be raised with every change of how lines are written or where slices are cut: what an older version noted must not be used. */
const LINES = 1;

export interface Followed {
  readonly table: Table;
  readonly size: TableSize;
}

/** Knows what has changed in a database since a reading before, by its pages. */
export interface Following {
  /** What is known of a table; undefined for one that is to be read whole, of which nothing is known or too little is as it was. */
  known(table: string): { readonly slices: readonly KnownSlice[]; readonly changes: Changes } | undefined;
  /** Keeps what was found in a table, for the notes. */
  found(table: string, slices: readonly Slice[]): void;
  /** For the next reading; undefined where nothing can be said. Before the moment is closed. */
  notes(): Uint8Array | undefined;
}

/**
 * Undefined for a database that is not followed: one that is small or very large, or whose pages as they are in this moment nobody can see.
 * It never throws: who does not know what has changed reads everything.
 */
export function follow(
  moment: Moment,
  encoding: string,
  tables: readonly Followed[],
  before: Uint8Array | undefined,
  wholeBelow = WHOLE_BELOW,
): Following | undefined {
  try {
    return begin(moment, encoding, tables, before, wholeBelow);
  } catch {
    return undefined;
  }
}

function begin(
  moment: Moment,
  encoding: string,
  tables: readonly Followed[],
  before: Uint8Array | undefined,
  wholeBelow: number,
): Following | undefined {
  const size = bytesOfDatabase(moment.db);
  if (size < wholeBelow || size > (moment.isAlone ? LARGEST : LARGEST_IN_MEMORY)) return undefined;
  const followed = new Map(
    tables
      .filter(({ table }) => table.rowid !== undefined && table.only === undefined)
      .map((each) => [each.table.name, each]),
  );
  const trees = treesOf(moment, [...followed.values()]);
  const shapes = shapesOf(moment.db, encoding);
  const noted = before === undefined ? undefined : readNotes(before);
  const known = new Map<string, { readonly slices: readonly KnownSlice[]; readonly changes: Changes }>();
  for (const notes of noted?.tables ?? []) {
    const { name } = notes;
    const each = followed.get(name);
    if (noted === undefined || each === undefined || shapes(each) !== notes.shape) continue;
    const found = trees();
    const leaves = found?.leaves.get(name);
    if (found === undefined || leaves === undefined) continue;
    if (found.pages.size !== noted.size || found.pages.usable !== noted.usable) continue;
    const changes = changesBetween(notes.leaves, leaves);
    if (shareOf(notes.slices, changes) <= MOST_CHANGED) known.set(name, { slices: notes.slices, changes });
  }
  const results = new Map<string, readonly KnownSlice[]>();
  return {
    known: (table) => known.get(table),
    found(table, slices) {
      const all = slices.map(({ keys, rows, bytes }) => (keys === undefined ? undefined : { keys, rows, bytes }));
      const whole = all.filter((slice) => slice !== undefined);
      if (whole.length > 0 && whole.length === all.length) results.set(table, whole);
    },
    notes() {
      try {
        const found = results.size === 0 ? undefined : trees();
        if (found === undefined) return undefined;
        const noted = [...results].flatMap(([name, slices]): TableNotes[] => {
          const each = followed.get(name);
          const leaves = found.leaves.get(name);
          return each === undefined || leaves === undefined ? [] : [{ name, shape: shapes(each), slices, leaves }];
        });
        return writeNotes({ size: found.pages.size, usable: found.pages.usable, tables: noted });
      } catch {
        return undefined;
      }
    },
  };
}

/** With what is still in the WAL. */
const bytesOfDatabase = (db: Db): number =>
  Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));

/** The pages of the database, and the leaves of its tables. */
interface Trees {
  readonly pages: Pages;
  readonly leaves: ReadonlyMap<string, FoundLeaves>;
}

/** Found once, and only when they are asked for. */
function treesOf(moment: Moment, tables: readonly Followed[]): () => Trees | undefined {
  let trees: { readonly found: Trees | undefined } | undefined;
  return () => {
    trees ??= { found: findTrees(moment, tables) };
    return trees.found;
  };
}

function findTrees(moment: Moment, tables: readonly Followed[]): Trees | undefined {
  const pages = pagesOf(
    moment,
    tables.reduce((most, { size }) => Math.max(most, size.widest), 0),
  );
  if (pages === undefined) return undefined;
  const roots = moment.db
    .prepare<[string], number>("SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .pluck();
  const leaves = new Map<string, FoundLeaves>();
  for (const { table, size } of tables) {
    const found = leavesOf(pages, roots.get(table.name) ?? 0);
    // SQLite's own count: whatever was misread, it was not all the table.
    if (found !== undefined && found.rows === size.rows) leaves.set(table.name, found);
  }
  return { pages, leaves };
}

function pagesOf({ db, file, isAlone }: Moment, widest: number): Pages | undefined {
  if (isAlone) return withFileBytes(file, (bytes) => scanPages(bytes, widest));
  // As they are in the moment that this connection holds, with what is still in the WAL.
  const all = db.serialize();
  return scanPages({ length: all.length, read: (into, at) => all.copy(into, 0, at, at + into.length) }, widest);
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

/** How many of a table's slices something has changed in, as a share. */
function shareOf(slices: readonly KnownSlice[], changes: Changes): number {
  const touched = slices.filter(({ keys }) => touches(changes, keys)).length;
  return slices.length === 0 ? 1 : touched / slices.length;
}
