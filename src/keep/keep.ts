import { type DatabaseInHand, inHand } from '../project/database-in-hand.ts';
import { type Keeper, Keeping } from './keeper.ts';
import { type KeepOptions, settleOptions } from './options.ts';

/**
 * Backs the database up while the app runs: soon after changes, whoever makes them, daily at least, and before the process ends.
 * Throws CONFIG_INVALID, USAGE and ENGINE_MISSING for a call that is wrong in itself, and PACKAGE_INCOMPLETE; all that happens later comes as events.
 * @example
 * ```ts
 * import { keep, openDatabase } from 'overwinter';
 * const db = await openDatabase('data/app.db');
 * const keeper = await keep(db, { debounce: '5s' });
 * await keeper.stop();
 * db.close();
 * ```
 */
export async function keep(db: DatabaseInHand, options: KeepOptions = {}): Promise<Keeper> {
  const { target, connection } = inHand(db, 'keep()');
  const settled = settleOptions(await target(), options);
  // Loaded only here: importing the library must cost next to nothing.
  const { default: Database } = await import('better-sqlite3');
  const keeping = new Keeping(settled, connection instanceof Database);
  const problem = await keeping.begin();
  if (problem !== undefined) throw problem;
  return keeping;
}
