import { keepsChanging } from '../../core/problems/postgres-reading.ts';
import { codeOf } from '../../core/system-error.ts';
import type { Scope } from './catalog/scope.ts';
import type { Session } from './driver.ts';
import { qualified } from './names.ts';
import { fixedSettings } from './session-settings.ts';
import { type Found, findTables, type Table } from './tables.ts';
import { AT_A_TIME, HELD, PATIENCE, pause } from './turns.ts';

const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; ${fixedSettings(AT_A_TIME)}`;

interface Where {
  readonly label: string;
  readonly scope: Scope;
}

/**
 * Begins a moment, and locks each table in it against whatever would change more than its rows: a snapshot alone shows an older transaction
 * none of the rows that somebody truncates, and columns that come later. The tables are looked for in a transaction before, as their locks
 * must be there before anything is seen, and once more behind them: where the two differ, it begins anew. Throws what `isLeftOut` throws,
 * what the server says where a lock is held too long, and DATABASE_LOCKED where tables change again and again.
 */
export async function begin(
  session: Session,
  { label, scope }: Where,
  isLeftOut: (found: Found) => (table: Table) => boolean,
): Promise<readonly Table[]> {
  const giveUpAt = performance.now() + PATIENCE;
  // A turn before may have left one.
  await session.query('ROLLBACK');
  let found = await look(session, scope, []);
  let isReversed = false;
  for (;;) {
    await session.query('ROLLBACK');
    const before = found;
    if (!(before instanceof Error)) {
      // Nobody needs the right to read what is left out whole.
      const isGone = isLeftOut(before);
      const wanted = before.tables.filter((table) => table.holdsRows && !isGone(table));
      // Who holds some of them and wants others may take them in either order.
      found = await look(session, scope, isReversed ? wanted.toReversed() : wanted);
      isReversed = !isReversed;
      if (!(found instanceof Error) && found.text === before.text) return found.tables;
    } else {
      await pause();
      found = await look(session, scope, []);
    }
    if (performance.now() > giveUpAt) throw found instanceof Error ? found : keepsChanging(label)();
  }
}

/** What tables there are, once these are locked. What passes is given back and not thrown. The transaction stays open. */
async function look(session: Session, scope: Scope, tables: readonly Table[]): Promise<Found | Error> {
  await session.query(BEGIN);
  try {
    const names = tables.map((table) => `ONLY ${qualified(table)}`);
    if (names.length > 0) await session.query(`LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE`);
    return await findTables(session, scope);
  } catch (error) {
    if (error instanceof Error && PASSING.includes(codeOf(error))) return error;
    throw error;
  }
}

/** A table or its schema is gone, or a lock is held. */
const PASSING = ['42P01', '3F000', ...HELD];
