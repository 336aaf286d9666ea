import type { ContentDigest } from './digest.ts';
import type { LeftOut } from './privacy/left-out.ts';
import { partsOfFiles, type SavedFiles } from './saved-files.ts';
import type { Memory } from './table-memory.ts';

export const FORMAT = 1;

/** Readers refuse a larger manifest without reading it, and writers write none. No git host takes a larger file. */
export const LARGEST_MANIFEST = 100 * 1024 * 1024;

/** The same for the definitions in one: SQLite takes the square of their number to make them, 20 seconds for so many. */
export const MOST_DEFINITIONS = 20_000;

/** The same for a part, with room for what it was made of. */
export const LARGEST_PART_FILE = 50 * 1024 * 1024;

export interface SchemaObject {
  /** One of the kinds that the type of the database has; every type has `table`. */
  readonly type: string;
  readonly name: string;
  readonly table: string;
  readonly sql: string;
}

/** What belongs to a whole database, in the order in which it is written; which it is depends on the type of the database. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

export interface Part {
  readonly file: string;
  /** 0 where the part ends inside a line, which then goes on in the next part. */
  readonly rows: number;
  readonly bytes: number;
  /** Where the part is kept encrypted: its place among the files that the outer manifest lists. */
  readonly sealed?: number;
}

/** A table's rows: their lines themselves, or the parts that hold them. */
export type TableData =
  | { readonly rows: readonly string[] }
  | { readonly count: number; readonly parts: readonly Part[] };

export interface Origin {
  readonly environment: string;
  readonly trigger: string;
  readonly commit?: string;
  readonly host?: string;
}

/** For which environment a database was made, and from which backup. */
export interface MadeFor {
  readonly environment: string;
  readonly backup: string;
}

export interface Metadata extends LeftOut {
  readonly format: number;
  readonly backup_date: string;
  readonly version: string;
  readonly database_type: string;
  /** Which of the project's databases it is; see `identity.ts`. Missing in documents of older tools. */
  readonly database_name?: string;
  /** Where the database lies in its project, so that a fresh clone knows where to put it back. */
  readonly database?: string;
  readonly origin: Origin;
  readonly content: ContentDigest;
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  /** How many files were saved beside the rows, and their bytes. Both missing where no folder was to be saved. */
  readonly files?: number;
  readonly file_bytes?: number;
  /** Only of an exported document: what it was made of holds fakes, or a part of the rows. */
  readonly made_for?: MadeFor;
}

/** What was saved, without when and by whom. */
export interface Content {
  readonly schema: readonly SchemaObject[];
  readonly settings: Settings;
  readonly data: ReadonlyMap<string, TableData>;
  /** Missing where no folder was to be saved. */
  readonly files?: SavedFiles;
}

/** What an engine makes a database of. */
export interface Saved extends Content {
  readonly metadata?: LeftOut;
}

export interface Manifest extends Content {
  readonly metadata: Metadata;
  /** What the guard against lost rows is to know of the backups before this one. */
  readonly memory?: Memory;
}

export function rowCount(table: TableData): number {
  return 'rows' in table ? table.rows.length : table.count;
}

export function partsOf(content: Content): Part[] {
  const rows = [...content.data.values()].flatMap((table) => ('parts' in table ? table.parts : []));
  return content.files === undefined ? rows : [...rows, ...partsOfFiles(content.files)];
}
