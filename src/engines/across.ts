import type { ColumnKind, CommonColumn, CommonReference, CommonTable, Lost } from '../core/common/definitions.ts';
import type { Value } from '../core/common/value.ts';
import type { Held } from '../core/common/write-expression.ts';
import type { SchemaObject, Settings } from '../core/manifest.ts';

/** What a column can be in a kind of database, and how values of every kind get in and are read again. */
export interface ColumnType {
  /** As a definition says it. */
  readonly name: string;
  readonly held: Held;
  /** A value as a row's line says it; undefined for one that would not come back the same. */
  write(value: Value): string | undefined;
  /** What a row's line says. */
  read(member: string): Value;
}

/** A column of the kind of database that rows come from, and how its values are read. */
export interface ToldColumn extends CommonColumn {
  read(member: string): Value;
}

export interface ToldTable extends CommonTable {
  /** Under which its rows lie. */
  readonly stored: string;
  readonly columns: readonly ToldColumn[];
  /** What a row's line has beside its columns: a number that the database gave it. */
  readonly number?: string;
  /** What tells a row from others, for people: its key, or that number. */
  readonly rowNames: readonly string[];
}

/** What definitions say in common words. */
export interface Told {
  readonly tables: readonly ToldTable[];
  readonly lost: readonly Lost[];
  /** Where the numbers of a table go on, as the database keeps it in a table of its own. */
  readonly counters?: {
    readonly stored: string;
    /** The common name of a table, and the number that it gave last; undefined for one that gave none, or is no table's. */
    read(line: string): { readonly table: string; readonly last: bigint } | undefined;
  };
}

/** A table as it is to be made. */
export interface WantedTable extends CommonTable {
  readonly columns: readonly (CommonColumn & { readonly type: ColumnType })[];
  readonly references: readonly CommonReference[];
}

export interface MadeTable {
  /** The common name. */
  readonly name: string;
  /** Under which its rows are to lie. */
  readonly stored: string;
  /** What each row has before its columns: a number of its own. */
  readonly rowNumber?: string;
}

/** Definitions of its own kind that make what was wanted. */
export interface Made {
  readonly schema: readonly SchemaObject[];
  readonly settings: Settings;
  readonly tables: readonly MadeTable[];
  readonly lost: readonly Lost[];
  /** Rows of its own tables that say where the numbers of each table go on; undefined where it keeps none. */
  counters(
    last: ReadonlyMap<string, bigint>,
  ): { readonly stored: string; readonly lines: readonly string[] } | undefined;
}

/** How a kind of database is copied to others, and takes what was in others. */
export interface Across {
  /** Throws what a definition that cannot be read throws. */
  tell(schema: readonly SchemaObject[], settings: Settings): Promise<Told>;
  /** What a column can become that is meant for such values, the best first. Any other type of the kind is tried after them. */
  readonly types: Readonly<Record<ColumnKind, readonly ColumnType[]>>;
  /** Throws USAGE for what has no name there. What is there is asked, and nothing is changed. */
  make(tables: readonly WantedTable[]): Promise<Made>;
}
