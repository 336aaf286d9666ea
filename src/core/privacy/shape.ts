/** A table as whoever decides what is left out must know it. */
export interface TableShape {
  readonly name: string;
  readonly kind: 'table' | 'virtual' | 'shadow';
  readonly columns: readonly ColumnShape[];
  /** Every way in which two rows must differ, the primary key aside. */
  readonly uniques: readonly UniqueShape[];
  readonly references: readonly Reference[];
  /** The names that stand where its generated columns are computed, as they are compared. */
  computedFrom(): ReadonlySet<string>;
}

export interface ColumnShape {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly isKey: boolean;
  readonly isGenerated: boolean;
}

export interface UniqueShape {
  /** Undefined where it is an expression. */
  readonly columns: readonly (string | undefined)[];
  /** The names that stand in the definition of an index that was made by itself, as they are compared. */
  readonly mentions: ReadonlySet<string>;
}

/** A foreign key. `to` is empty where it means the primary key. */
export interface Reference {
  readonly table: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** What a name comes to where names are compared: some databases do not tell large letters from small ones. */
export type Fold = (name: string) => string;
