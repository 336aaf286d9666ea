import type { OverwinterError } from './errors.ts';
import { backupEmpty, backupShrunk } from './problems/loss.ts';

/** What a look at the live database found, without reading its rows. */
export type DatabaseState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'blank' }
  | { readonly kind: 'no-tables' }
  | { readonly kind: 'no-rows'; readonly tables: number }
  | { readonly kind: 'rows'; readonly tables: number };

/** Why a database counts as empty, in a sentence's end; undefined when it holds data. */
export function emptiness(state: DatabaseState): string | undefined {
  switch (state.kind) {
    case 'missing':
      return 'the database is missing';
    case 'blank':
      return 'the database file has no content';
    case 'no-tables':
      return 'the database has no tables';
    case 'no-rows':
      return 'the tables have no rows';
    case 'rows':
      return undefined;
  }
}

/**
 * The guard of law 4: a backup that lost all rows, or more than the allowed share of them, is refused.
 */
export function refusal(rows: number, before: number, maxShrink: number, db: string): OverwinterError | undefined {
  if (before === 0) return undefined;
  if (rows === 0) return backupEmpty(db, before)();
  if (rows < before * (1 - maxShrink)) return backupShrunk(db, rows, before)();
  return undefined;
}

export type Light = 'green' | 'yellow' | 'red';

/** The worst of several lights; green where nothing speaks against it. */
export function worstOf(lights: readonly Light[]): Light {
  if (lights.includes('red')) return 'red';
  return lights.includes('yellow') ? 'yellow' : 'green';
}
