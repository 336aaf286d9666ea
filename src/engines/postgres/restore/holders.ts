import { databaseHeld } from '../../../core/problems/postgres.ts';
import { serverBusy } from '../../../core/problems/server.ts';
import { codeOf } from '../../../core/system-error.ts';
import type { Session } from '../driver.ts';

/** What the server says where a lock was waited for too long, where two wait for each other, and where a database is in use. */
const HELD = ['55P03', '40P01', '55006'];

/**
 * Runs `work` in a transaction that is open; where that waited in vain for what somebody holds, the transaction is over, and the error says
 * who that is: DATABASE_LOCKED.
 */
export async function namingHolders<T>(session: Session, label: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!HELD.includes(codeOf(error))) throw error;
    const holders = await holdersOf(session).catch(() => []);
    throw holders.length > 0
      ? databaseHeld(label, holders)(error)
      : serverBusy(label, 'something in it is in use')(error);
  }
}

/** Everybody else who holds a table of this database, in words. What others do is only told to those who may know. */
async function holdersOf(session: Session): Promise<string[]> {
  await session.query('ROLLBACK');
  const rows = await session.query(`
SELECT a.pid, a.usename, a.application_name, a.state, date_trunc('second', now() - a.xact_start), string_agg(DISTINCT c.relname, ', ')
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_class c ON c.oid = l.relation
WHERE l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.pid <> pg_backend_pid()
  AND c.relkind IN ('r', 'p') AND c.oid >= 16384 AND a.application_name IS DISTINCT FROM 'overwinter'
GROUP BY 1, 2, 3, 4, 5 ORDER BY 5 DESC NULLS LAST, 1 LIMIT 3`);
  return rows.map(([pid, user, program, state, since, tables]) => {
    const who = program === null || program === '' ? `${user}` : `${program} as ${user}`;
    const doing = state === null ? '' : `, ${state}${since === null ? '' : ` for ${since}`}`;
    return `${who} (process ${pid}${doing}) holds ${tables}`;
  });
}
