import { usualName } from '../core/identity.ts';
import { configInvalid } from '../core/problems/settings.ts';
import { type DatabaseInHand, type InHand, inHand } from '../project/database-in-hand.ts';
import type { Channel, WorkerListener } from './channel.ts';
import type { Keeper } from './keeper.ts';
import { type KeepOptions, settleOptions } from './options.ts';

/**
 * Backs the database up while the app runs: soon after changes, whoever makes them, daily at least, and before the process ends. Of several
 * each gets a keeper of its own, in their order; what is logged of one says its file's name.
 * Throws CONFIG_INVALID, USAGE and ENGINE_MISSING for a call that is wrong in itself, and PACKAGE_INCOMPLETE; all that happens later comes as events.
 * @example
 * ```ts
 * import { keep, openDatabase } from 'overwinter';
 * const db = await openDatabase('data/app.db');
 * const jobs = await openDatabase('data/jobs.db');
 * const [keeper] = await keep([db, jobs], { debounce: '5s' });
 * await keeper?.stop();
 * ```
 */
export async function keep(db: DatabaseInHand, options?: KeepOptions): Promise<Keeper>;
export async function keep(dbs: readonly DatabaseInHand[], options?: KeepOptions): Promise<readonly Keeper[]>;
export async function keep(
  given: DatabaseInHand | readonly DatabaseInHand[],
  options: KeepOptions = {},
): Promise<Keeper | readonly Keeper[]> {
  if (!isSeveral(given)) return keeperOf(given, options, false);
  const fault = faultIn(given, options);
  if (fault !== undefined) throw configInvalid('the call of keep()', fault)();
  const keepers: Keeper[] = [];
  try {
    for (const db of given) keepers.push(await keeperOf(db, options, true));
  } catch (error) {
    // A call that is wrong begins nothing.
    for (const keeper of keepers) await keeper.stop();
    throw error;
  }
  return keepers;
}

const isSeveral = (given: DatabaseInHand | readonly DatabaseInHand[]): given is readonly DatabaseInHand[] =>
  Array.isArray(given);

function faultIn(dbs: readonly DatabaseInHand[], { heartbeat }: KeepOptions): string | undefined {
  if (dbs.length === 0) return 'names no database';
  // The success of one would hide the failure of another.
  if (heartbeat !== undefined) return "has one 'heartbeat' for several databases: keep each by itself, with its own";
  return undefined;
}

async function keeperOf(db: DatabaseInHand, options: KeepOptions, isOneOfSeveral: boolean): Promise<Keeper> {
  const given = inHand(db, 'keep()');
  const path = await given.target();
  const settled = settleOptions(path, options);
  const { Keeping } = await import('./keeper.ts');
  const speaker = isOneOfSeveral ? `overwinter (${usualName(path)})` : 'overwinter';
  const keeping = new Keeping(settled, await channelTo(given, path), speaker);
  const problem = await keeping.begin();
  if (problem !== undefined) throw problem;
  return keeping;
}

/** Where the work is done. Loaded only here: importing the library must cost next to nothing. */
async function channelTo(
  { connection, instance }: InHand,
  path: string,
): Promise<(listener: WorkerListener) => Channel> {
  if (instance !== undefined) {
    const [{ openHere }, { duckdbOfApp }] = await Promise.all([import('./here.ts'), import('../engines/index.ts')]);
    return (listener) => openHere(() => duckdbOfApp(instance, path.replace(/^duckdb:/, '')), listener);
  }
  const [{ default: Database }, { openProcess, openThread }, { ownProgram }] = await Promise.all([
    import('better-sqlite3'),
    import('./channel.ts'),
    import('../project/own-package.ts'),
  ]);
  const program = ownProgram('keep-worker.js');
  return (listener) => (connection instanceof Database ? openThread : openProcess)(program, listener);
}
