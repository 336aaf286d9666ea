import type { Database } from '../engines/engine.ts';
import { withLock } from '../local/lock.ts';
import type { Project } from './project.ts';

/**
 * One at a time changes a database as a whole: of all processes of this machine, and where the database keeps a lock itself, of all that
 * reach it. Throws BUSY after `wait` milliseconds.
 */
export function lockDatabase<T>(
  { local }: Pick<Project, 'local'>,
  database: Database,
  wait: number,
  work: () => Promise<T>,
): Promise<T> {
  return withLock(local, database.id, wait, () => (database.lock === undefined ? work() : database.lock(wait, work)));
}
