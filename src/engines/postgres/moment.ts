import { keepsChanging } from '../../core/problems/postgres-reading.ts';
import { codeOf } from '../../core/system-error.ts';
import type { Scope } from './catalog/scope.ts';
import type { Session } from './driver.ts';
import { qualified } from './names.ts';
import { fixedSettings } from './session-settings.ts';
import { type Found, findTables, type Table } from './tables.ts';

/** How long somebody's lock on a table is waited for, in milliseconds, before others would wait behind us. */
const LOCK_WAIT = 10_000;
const MOST_TRIES = 5;

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY';

interface Where {
  readonly label: string;
  readonly scope: Scope;
}

/**
 * Begins a moment, and locks each table in it against whatever would change more than its rows: a snapshot alone shows an older transaction
 * none of the rows that somebody truncates, and columns that come later. The tables are looked for in a transaction before, as their locks
 * must be there before anything is seen, and once more behind them: where the two differ, it begins anew. Throws what `isLeftOut` throws, and
 * DATABASE_LOCKED where tables change again and again.
 */
export async function begin(
  session: Session,
  { label, scope }: Where,
  isLeftOut: (found: Found) => (table: Table) => boolean,
): Promise<readonly Table[]> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const found = await lookAround(session, scope);
    // Nobody needs the right to read what is left out whole.
    const isGone = isLeftOut(found);
    const wanted = found.tables.filter((table) => table.holdsRows && !isGone(table));
    const now = await lookBehindLocks(session, scope, wanted);
    if (now?.text === found.text) return now.tables;
    await session.query('ROLLBACK');
  }
  throw keepsChanging(label)();
}

/** What tables there are, in a transaction of its own. */
async function lookAround(session: Session, scope: Scope): Promise<Found> {
  await session.query(`${BEGIN}; ${fixedSettings(LOCK_WAIT)}`);
  try {
    return await findTables(session, scope);
  } finally {
    await session.query('ROLLBACK');
  }
}

/** Undefined where a table is gone. The transaction stays open. */
async function lookBehindLocks(session: Session, scope: Scope, tables: readonly Table[]): Promise<Found | undefined> {
  await session.query(`${BEGIN}; ${fixedSettings(LOCK_WAIT)}`);
  try {
    const names = tables.map((table) => `ONLY ${qualified(table)}`);
    if (names.length > 0) await session.query(`LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE`);
    return await findTables(session, scope);
  } catch (error) {
    if (GONE.includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** A table, or its schema. */
const GONE = ['42P01', '3F000'];
