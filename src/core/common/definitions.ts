import type { Expression } from './expression.ts';
import type { Value } from './value.ts';

/** Definitions in words that all kinds of databases have: what one kind says in them, another can make. */

/** What a column is meant for, as far as its declared type tells. */
export type ColumnKind =
  | 'integer'
  | 'real'
  | 'decimal'
  | 'truth'
  | 'text'
  | 'bytes'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'moment'
  | 'json'
  | 'uuid'
  | 'any';

export interface CommonColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** As its own definition says it; empty where it says none. */
  readonly declared: string;
  readonly notNull: boolean;
  readonly byDefault?: Default;
  /** Whether the database numbers its rows by it. */
  readonly counts: boolean;
}

/** What a row gets that says nothing of a column. */
export type Default = { readonly value: Value } | { readonly now: Now };

/** The moment of the insertion: a date, a time of day, both in UTC as `2026-11-20 23:15:00`, or seconds since 1970. */
export type Now = 'date' | 'time' | 'timestamp' | 'seconds';

export interface CommonKey {
  /** Undefined where it has none, or one that nobody gave it. */
  readonly name?: string;
  readonly columns: readonly string[];
}

export interface CommonIndex {
  readonly name: string;
  readonly isUnique: boolean;
  readonly columns: readonly { readonly name: string; readonly descends: boolean; readonly ignoresCase: boolean }[];
  /** Which rows are in it, where not all are. */
  readonly only?: Expression;
}

export const ACTIONS = ['NO ACTION', 'RESTRICT', 'CASCADE', 'SET NULL', 'SET DEFAULT'] as const;
export type Action = (typeof ACTIONS)[number];

export interface CommonReference extends CommonKey {
  readonly table: string;
  readonly to: readonly string[];
  readonly onDelete: Action;
  readonly onUpdate: Action;
  /** Whether it is looked at when a transaction ends. */
  readonly waits: boolean;
  /** Whether rows that were there before may point nowhere. */
  readonly isLoose?: boolean;
}

export interface CommonTable {
  readonly name: string;
  /** Those that hold values of their own, in order. */
  readonly columns: readonly CommonColumn[];
  readonly primary?: CommonKey;
  readonly uniques: readonly CommonKey[];
  readonly references: readonly CommonReference[];
  readonly checks: readonly { readonly name?: string; readonly must: Expression }[];
  readonly indexes: readonly CommonIndex[];
}

/** What another kind of database will not have, and why. */
export interface Lost {
  /** `view`, `trigger`, `default`, … */
  readonly what: string;
  readonly name: string;
  readonly why: string;
}
