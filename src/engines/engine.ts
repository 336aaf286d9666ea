import type { Config } from '../core/config.ts';
import type { DatabaseState } from '../core/decide.ts';
import type { Saved, SchemaObject, Settings } from '../core/manifest.ts';
import type { LeftOut, Selection } from '../core/privacy/left-out.ts';
import type { Shapes } from '../core/privacy/select.ts';
import type { Slice } from '../core/slices.ts';
import type { Target } from '../core/target.ts';
import type { Across } from './across.ts';
import type { ContentCodec } from './codec.ts';

/** One consistent moment of a database, open for reading. It must be closed. */
export interface Reading {
  readonly codec: ContentCodec;
  readonly schema: readonly SchemaObject[];
  readonly settings: Settings;
  readonly tables: readonly ReadTable[];
  readonly leftOut: LeftOut;
  /** Rows that stay and point to rows that are left out, in sentences. */
  readonly dangling: readonly string[];
  /** Tables that are left out whole, and how many rows they have. */
  readonly absent: ReadonlyMap<string, number>;
  /** What the database says of itself in this moment, where it says something. */
  readonly ownMark?: OwnMark & { readonly text: string };
  /**
   * What the next reading must know to read only what has changed since this one; undefined where that cannot be told. After all slices
   * were read, and before it is closed.
   */
  notes?(): Promise<Uint8Array | undefined>;
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
  /** Columns that hold no value in the first rows nor in the last ones: most that are in use do, and that costs nothing to see. */
  sparseColumns(): Promise<readonly string[]>;
  /** Those of the columns that hold no value in any row: every row may have to be looked at, once for all of them. */
  emptyAmong(columns: readonly string[]): Promise<readonly string[]>;
  /** A column that its definition says is never NULL, and that is in some row: no restore could bring that back. Every row is looked at. */
  missingValue(): Promise<string | undefined>;
  /** Some values of each column that is saved as it is, from the first rows and the last: text, cut to a length, and whole numbers. */
  samples(rows: number): Promise<ReadonlyMap<string, readonly string[]>>;
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
  changed(): Promise<boolean>;
  close(): Promise<void>;
}

/** What a database says of itself, for whoever reaches it from elsewhere: a line of text, where it says anything. */
export interface OwnMark {
  /** Tells it from every other database, also from one that is reached at the same address later. */
  readonly place: string;
  readonly text?: string;
}

/** Whether a database says of itself what it was to say: who is not allowed to change that has done the rest all the same. */
export type Marked = { readonly isSaid: true; readonly place: string } | { readonly isSaid: false };

/** What a database is made of, all of one moment. */
export interface Description {
  readonly schema: readonly SchemaObject[];
  /** What is there, for whoever decides what is left out. */
  readonly shapes: Shapes;
  /** What is there and in no backup, because no row needs it, by name; where there may be such. */
  readonly notKept?: readonly string[];
}

/** What definitions of a backup say, and nothing of its rows. */
export interface Defined {
  readonly shapes: Shapes;
  /** Of each index that is kept in tables of its own, what these hold while it has no entries: the lines of their rows, by table. */
  readonly empty: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

/** What stands where data is to be put. */
export type Standing = 'nothing' | 'unreadable' | 'empty-tables' | 'data';

export interface Check {
  /** A folder for what a reading needs. */
  readonly scratch: string;
  look(reading: Reading): Promise<void>;
}

export interface Committing {
  /** What stood there when the work began: rows that somebody wrote since are not replaced. */
  readonly expected?: Standing;
  /** Tables whose rows do not make it a database with data. */
  readonly ignore: readonly string[];
  /** How old the data is, where it is older than now. */
  readonly date?: Date;
  /** How long to wait until nobody has the database open, in milliseconds. */
  readonly patience: number;
  /** What it is to say of itself from the same moment on, null for nothing; only one that has `ownMark` does. Without it, it says what it said. */
  readonly ownMark?: string | null;
  /** Keeps what is there, while nobody can write to it any more. What it throws stops everything. */
  keep(): Promise<void>;
  /** Looks at all that is about to be in the place, before anybody else sees it. What it throws stops everything. */
  readonly check?: Check;
  /**
   * Called right before what was staged takes the place, where that is no file; nothing but that may fail from then on. Where a transaction
   * does it, its name is what `wentThrough` is asked with, should nobody hear how it ended.
   */
  readonly replacing?: (transaction?: string) => void;
  /** Called when what was staged is in the place: whatever fails after it, it stays there. */
  replaced(): void;
  /** Where what cannot be read is kept, under a name that begins so. */
  readonly asideFolder: () => string;
  readonly stamp: string;
}

/**
 * Data that is made out of sight, to take a database's place in one step or not at all. It must be committed or discarded, whatever
 * fails meanwhile.
 */
export interface Staged {
  /** Puts the rows in, and checks what was made. Once. Throws RESTORE_INEXACT, TABLE_GONE, COLUMN_GONE. */
  load(content: Saved, slices: SliceSource, onRows: (rows: number) => void): Promise<LoadReport>;
  /**
   * Puts in what its backup omits: from the database as it is, where it can be read, and indexes anew. Returns what is odd in the
   * data then, as `load` does.
   */
  complete(leftOut: LeftOut): Promise<readonly string[]>;
  /** Rows of each of the user's tables. */
  counts(): Promise<Map<string, number>>;
  read(scratch: string, select?: Select): Promise<Reading>;
  /**
   * Takes the database's place. Returns where a database that could not be read was moved. Throws DATABASE_LOCKED where somebody has
   * it open and that can be seen, or wrote to it meanwhile, and what `keep` throws; either way the database is as it was.
   */
  commit(how: Committing): Promise<{ readonly setAside: string | undefined; readonly marked?: Marked }>;
  /** Removes what was made. After `commit` it does nothing. */
  discard(): Promise<void>;
  /** Where it was made, for people, in case that is not where the database is: a drill says so. */
  where?(): string | undefined;
}

/** Rows that are to come back into a database that stays as it is otherwise: those that are missing, and those that are another now. */
export interface RowsWanted {
  readonly tables: readonly string[];
  /** A condition in SQL, the user's own, where there is one table: only rows that meet it. */
  readonly where?: string;
  /** Rows that the backup does not have go. */
  readonly exact: boolean;
  /** Rows of other tables that these point to come along, where they are missing. */
  readonly withParents: boolean;
}

export interface RowsBrought {
  /** By table, where it is not 0. */
  readonly added: ReadonlyMap<string, number>;
  readonly changed: ReadonlyMap<string, number>;
  readonly removed: ReadonlyMap<string, number>;
  /** What is odd in the data now, and what was not done besides, in sentences. */
  readonly warnings: readonly string[];
}

export interface Bringing {
  /** A folder for what that needs. */
  readonly scratch: string;
  onRows(rows: number): void;
  /**
   * Called when it is known that something changes, and nobody else can write any more, with the name of the transaction that `wentThrough` tells of,
   * where one does it. Without it nothing is changed, and all that would fail fails.
   */
  first?(transaction?: string): Promise<void>;
}

/** A file of a database, as far as it tells whether anybody wrote to it. */
export interface FileMark {
  /** What its name has behind the database's own: nothing, or `-wal`. */
  readonly end: string;
  /** How many of its first bytes tell. */
  readonly head: number;
  /** Whether its size and its times do: not those of a file that readers write to, too. */
  readonly times: boolean;
  /** It tells something only while the file with this end has bytes. */
  readonly onlyWith?: string;
}

export interface FileSeen {
  readonly bytes: number;
  readonly modified: Date;
}

/** What a database that is a file can do besides. */
export interface AsFile {
  readonly path: string;
  /** What tells its state to whoever has no engine at hand. An empty file is as good as none. */
  readonly marks: readonly FileMark[];
  /** What stands behind its name in the names of all files that may lie beside it; `*` is anything. */
  readonly besides: readonly string[];
  /** What people see of it; undefined where it is not there. */
  seen(): FileSeen | undefined;
  /** The same kind of database, in another file. */
  at(path: string): FileDatabase;
  /** A consistent binary copy at `path`, taken while others may write, with its integrity checked. */
  copyTo(path: string): Promise<void>;
  /** What lies in a file that `copyTo` made, to be put in place. */
  stageCopy(path: string): Promise<Staged>;
  /** Removes it and what lies beside it, where nobody has it open. Throws NOT_WRITABLE. */
  remove(): void;
  /** Removes only what a look leaves beside it. */
  removeBesides(): void;
}

/**
 * One database, of one kind. It is opened when it is asked something, and `close` lets go of what is kept open between questions. An engine
 * never knows a store.
 *
 * Every function throws `OverwinterError`: DATABASE_MISSING, DATABASE_NOT_A_FILE, DATABASE_NOT_SQLITE, DATABASE_CORRUPT,
 * DATABASE_LOCKED after the busy timeout, DATABASE_FAILED for anything else the database itself says, DISK_FULL and
 * NOT_WRITABLE where it writes.
 */
export interface Database {
  readonly codec: ContentCodec;
  /** How people call it, for messages; without anything secret. */
  readonly label: string;
  /** Tells it from every other, from wherever it is reached: for locks, holds, snapshots and memories. */
  readonly id: string;
  /** Only where it is a file. */
  readonly file?: AsFile;
  /** It is kept elsewhere, as far as anybody here knows: a host that forgets its own files does not forget it. */
  readonly isElsewhere?: true;
  /** What whoever replaces or changes it must see to, because nothing here can; a sentence without its full stop. */
  readonly caution?: string;

  /**
   * Tells its state: the same one later means that nobody wrote to it in between. Undefined where only a look can tell. It costs next to
   * nothing, and disturbs nobody who has it open in this process.
   */
  fingerprint(): Promise<string | undefined>;

  /** What kind of emptiness it has. A missing database is an answer, not an error. Tables in `ignore` do not count. */
  state(ignore: readonly string[]): Promise<DatabaseState>;

  /** The same for whoever is about to replace it. Throws where it cannot be replaced at all: a folder, a locked database. */
  standing(ignore: readonly string[]): Promise<Standing>;

  describe(): Promise<Description>;

  /** Rows of each of the user's tables, in the order of the schema. */
  counts(): Promise<Map<string, number>>;

  /**
   * Opens one consistent moment. Writers are not held up while it is read; what it needs for that goes into `scratch`. Without
   * `select` nothing is left out. With the notes of a reading `before`, slices that are as they were then may come unread, and say so
   * (`same`). Whoever has other work to do before all rows are read says so (`takesLong`). Throws what `select` throws, and CONFIG_INVALID for
   * a condition or value that cannot be.
   */
  read(scratch: string, select?: Select, before?: Uint8Array, takesLong?: boolean): Promise<Reading>;

  /**
   * Begins what is to take its place. `replace`: exactly what is loaded, beginning with nothing. `fill`: a copy of what is there, with
   * rows put into those tables that have none, by column name; a new column gets its default. Where a `scratch` folder is named, it is only
   * made to be looked at, and cannot be committed.
   */
  stage(how: 'replace' | 'fill', scratch?: string): Promise<Staged>;

  /** Removes what a stage that died left. The caller holds the database's lock. */
  tidy(): Promise<void>;
  /** Whether there is anything to tidy. */
  isTidy(): boolean;

  /**
   * Empties tables in one transaction, with `first` run inside it before any row goes, and foreign keys heeded; where `wentThrough` tells of it, its
   * name is handed over. Returns how many rows each of the user's tables lost. Throws USAGE for an unknown table and ROWS_REFERENCED.
   */
  clear(tables: readonly string[], first: (transaction?: string) => Promise<void>): Promise<Map<string, number>>;

  /**
   * Brings rows of some tables back, in one transaction: triggers do not fire, and no foreign key points nowhere afterwards that did not in the
   * backup. Rows are the same where their keys are, and those without a key where all their values are. Throws what `load` throws, USAGE,
   * ROWS_IN_CONFLICT and ROWS_REFERENCED.
   */
  bringRows?(content: Saved, slices: SliceSource, wanted: RowsWanted, bringing: Bringing): Promise<RowsBrought>;

  /** Whether a transaction that `replacing` named took the place; undefined where that is not known, or not yet. */
  wentThrough?(transaction: string): Promise<boolean | undefined>;

  /** What it says of itself now; undefined where there is none. Only where it goes with the database, wherever that is reached from. */
  ownMark?(): Promise<OwnMark | undefined>;
  /** Makes it say nothing more of itself. */
  removeOwnMark?(): Promise<Marked>;

  /** Begins to notice changes; the database need not be there yet. */
  watch(): Watch;

  /** For each table the columns that say which row is which; none where only a row's own number does, or all that it holds. */
  keysOf(schema: readonly SchemaObject[]): Promise<Map<string, readonly string[]>>;

  /** What a backup's definitions say; what that needs goes into `scratch`. Throws what `load` throws for definitions. */
  defined(schema: readonly SchemaObject[], settings: Settings, scratch: string): Promise<Defined>;

  /**
   * For each table whose slices are ranges of a whole number (`sliceByKey`), the member of its rows that is that number: so nobody needs to
   * read all slices to find a row. Without it they do.
   */
  slicedBy?(schema: readonly SchemaObject[]): Promise<Map<string, string>>;

  /**
   * Runs `work` while nobody else does so, from whichever machine. Only where the database itself keeps such a lock; it must go with
   * whoever holds it, however that one dies. Throws BUSY after `wait` milliseconds.
   */
  lock?<T>(wait: number, work: () => Promise<T>): Promise<T>;

  /** How it is copied to other kinds of databases, and takes what was in them. Not every kind can yet. */
  readonly across?: () => Promise<Across>;

  /** Whether who asks may do anything on the server: so may functions of a backup, then. Only where there is a server. */
  isSuperuser?(): Promise<boolean>;

  close(): Promise<void>;
}

export interface FileDatabase extends Database {
  readonly file: AsFile;
}

/** Holds a file against everybody else who asks for the same, in this process or another. It must be closed. */
export interface FileLock {
  /** Whether it is held from here on. */
  take(): boolean;
  close(): void;
}

export interface OpenOptions {
  /** How long to wait for somebody else's lock, in milliseconds. */
  readonly wait: number;
  /** What the app's configuration registers with every connection, where it has something to register. */
  readonly prepare?: Config['prepare'];
}

/** How the files of a kind of database are told from all others. */
export interface FileForm {
  /** By the first 16 bytes, a character each. */
  begins(beginning: string): boolean;
  /** What one that is empty still is usually called. */
  readonly named: RegExp;
  /** What is made beside one is called so. */
  readonly besides: RegExp;
}

/** What reads and writes one kind of database. It loads its driver when a database is opened. */
export interface Engine<Kind extends Target = Target> {
  readonly codec: ContentCodec;
  /** Only where it works on files. */
  readonly files?: FileForm;
  /** Connects to nothing yet, and the database need not be there. Looked up by its kind, a target is one that this engine takes. */
  open(target: Kind, options: OpenOptions): Promise<Database>;
}
