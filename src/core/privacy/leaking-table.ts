import type { Declared } from './declared.ts';
import type { TableShape } from './shape.ts';

/** What is known to be left out of the ordinary tables. */
export interface Sources {
  /** Columns, by table. */
  readonly redacted: ReadonlyMap<string, readonly string[]>;
  /** Tables of which rows are left out. */
  readonly partial: ReadonlySet<string>;
}

/** A table that would tell what another one leaves out: a full-text index, for instance. */
export interface LeakingTable {
  readonly table: Pick<TableShape, 'name'>;
  /** True where it can be made again from the table it is about, and so may be left empty. */
  readonly canBeMadeAgain: boolean;
  /** The columns that tell; none where it is rows. */
  readonly columns: readonly string[];
}

/** `byName`: columns that look like credentials are left out. */
export type FindLeakingTables = (declared: Declared, sources: Sources, byName: boolean) => readonly LeakingTable[];
