import type { DatabaseState } from '../core/decide.ts';
import type { Content, Saved, SchemaObject, Settings } from '../core/manifest.ts';
import type { LeftOut, Selection } from '../core/privacy/left-out.ts';
import type { Shapes } from '../core/privacy/select.ts';
import type { Slice } from '../core/slices.ts';

/** One consistent moment of a database, open for reading. It must be closed. */
export interface Reading {
  readonly schema: readonly SchemaObject[];
  readonly settings: Settings;
  readonly tables: readonly ReadTable[];
  readonly leftOut: LeftOut;
  /** Rows that stay and point to rows that are left out, in sentences. */
  readonly dangling: readonly string[];
  /** Tables that are left out whole, and how many rows they have. */
  readonly absent: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Decides what a reading leaves out, once it is known what there is. */
export type Select = (shapes: Shapes) => Selection;

export interface ReadTable {
  readonly name: string;
  /** True for a table the user made, false for those the engine made for itself. */
  readonly own: boolean;
  readonly rows: number;
  /** With those that are left out. */
  readonly there: number;
  /** In order. Only one table is read at a time, in the order of the tables, each once. */
  slices(): Iterable<Slice> | AsyncIterable<Slice>;
  /** Some values of each column that is saved as it is, from the first rows and the last: text, cut to a length, and whole numbers. */
  samples(rows: number): ReadonlyMap<string, readonly string[]>;
}

/** One of so many shares of a table's slices, about equally large and in order. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** A slice that is too large to be held: its bytes, piece by piece, to be gone through once and before the next slice. */
export interface LongSlice {
  readonly bytes: number;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Slices of one table (or of a share of it) in order. Each is whole lines, checked against what the manifest promised. */
export type SliceSource = (table: string, share?: Share) => AsyncIterable<Uint8Array | LongSlice>;

export interface LoadReport {
  readonly rows: number;
  /** What is odd in the data itself and was so before: rows whose foreign key points nowhere, for instance. */
  readonly warnings: readonly string[];
}

/** Notices changes of a database, whoever makes them. It must be closed. */
export interface Watch {
  /** Whether anything was committed since it was last asked; true the first time it finds a database. It never throws. */
  changed(): boolean;
  close(): void;
}

/**
 * Reads and writes one kind of database. An engine never knows a store.
 *
 * Every function throws `OverwinterError`: DATABASE_MISSING, DATABASE_NOT_A_FILE, DATABASE_NOT_SQLITE, DATABASE_CORRUPT,
 * DATABASE_LOCKED after the busy timeout, DATABASE_FAILED for anything else the database itself says, DISK_FULL and
 * NOT_WRITABLE where it writes.
 */
export interface Engine {
  /** What kind of emptiness the database has. A missing file is an answer, not an error. Tables in `ignore` do not count. */
  inspect(db: string, ignore: readonly string[]): DatabaseState;

  /**
   * Opens one consistent moment. Writers are not held up while it is read; what it needs for that goes into `scratch`. Without
   * `select` nothing is left out. Throws what `select` throws, and CONFIG_INVALID for a condition or value that cannot be.
   */
  read(db: string, scratch: string, select?: Select): Promise<Reading>;

  /**
   * Makes a new database at `target`, which must not exist, with exactly this content, and checks its integrity. On failure
   * what was begun is removed.
   */
  build(target: string, content: Saved, slices: SliceSource, onRows: (rows: number) => void): Promise<LoadReport>;

  /**
   * Puts the rows into the tables of `target` that have none, by column name: a new column gets its default. Throws
   * TABLE_GONE or COLUMN_GONE where there is no place for a value. Tables that have rows keep them.
   */
  fill(target: string, content: Content, slices: SliceSource, onRows: (rows: number) => void): Promise<LoadReport>;

  /**
   * Puts into a database that was built what its backup leaves out: from `live`, where there is one, and full-text indexes anew.
   * Returns what is odd in the data then, as `build` does.
   */
  complete(target: string, leftOut: LeftOut, live: string | undefined): readonly string[];

  /** What is there, for whoever decides what is left out. */
  shapes(db: string): Shapes;

  /** Rows of each of the user's tables, in the order of the schema. */
  counts(db: string): Map<string, number>;

  /** A consistent binary copy at `target`, taken while others may write, with its integrity checked. */
  copy(db: string, target: string): Promise<void>;

  /**
   * Runs `first`, which keeps a copy, makes the file at `db` whole and free of side files, and runs `then`, which replaces it,
   * while nobody else can come in. Throws DATABASE_LOCKED when another process has it open and that can be seen, or wrote to it
   * since `first` began, and what `first` and `then` throw; either way the database is as it was.
   */
  settle(db: string, first: () => Promise<void>, then: () => void): Promise<void>;

  /** Begins to notice changes; the database need not be there yet. */
  watch(db: string): Watch;

  /**
   * Empties tables in one transaction, with `first` run inside it before any row goes, and foreign keys heeded. Returns how many
   * rows each of the user's tables lost. Throws USAGE for an unknown table and ROWS_REFERENCED.
   */
  clear(db: string, tables: readonly string[], first: () => Promise<void>): Promise<Map<string, number>>;

  /** The definitions of the database, as `read` would give them. */
  schemaOf(db: string): readonly SchemaObject[];

  /** For each table the columns that say which row is which; none where only the row's own number does. */
  keysOf(schema: readonly SchemaObject[]): Map<string, readonly string[]>;
}
