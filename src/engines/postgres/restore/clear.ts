import { rowsReferenced, tableUnknown } from '../../../core/problems/usage.ts';
import { codeOf } from '../../../core/system-error.ts';
import type { Session } from '../driver.ts';
import { qualified } from '../names.ts';
import { findTables, type Table } from '../tables.ts';
import { countsIn } from './counts.ts';
import { namingHolders } from './holders.ts';
import { lock } from './replace.ts';
import type { RestoreTarget } from './target.ts';
import { beginWriting, nameOfTransaction } from './transaction.ts';

/**
 * Empties tables in one transaction, after `first`, before which nobody can write any more. Returns how many rows went, by table; rows that
 * foreign keys took along count too. Throws USAGE for an unknown table, and ROWS_REFERENCED.
 */
export async function clear(
  target: RestoreTarget,
  names: readonly string[],
  first: (transaction?: string) => Promise<void>,
  patience: number,
): Promise<Map<string, number>> {
  const session = await target.connect();
  try {
    return await namingHolders(session, target.label, async () => {
      await beginWriting(session, patience);
      const tables = (await findTables(session, target.scope)).tables.filter(({ holdsRows }) => holdsRows);
      const own = tables.map(({ key }) => key);
      const unknown = names.find((name) => !own.includes(name));
      if (unknown !== undefined) throw tableUnknown(unknown, own)();
      // Rows of others may go along, too.
      await lock(session, tables, 'SHARE ROW EXCLUSIVE');
      await first(await nameOfTransaction(session));
      const before = await countsIn(session, target.scope);
      await session.query('SET CONSTRAINTS ALL DEFERRED');
      await remove(session, tables, names);
      await settle(session, tables, names);
      const after = await countsIn(session, target.scope);
      await session.query('COMMIT');
      return new Map(own.map((name) => [name, (before.get(name) ?? 0) - (after.get(name) ?? 0)]));
    });
  } finally {
    await session.close();
  }
}

/** In one statement, so that rows which point to each other go together. What rows of others point to stays. */
async function remove(session: Session, tables: readonly Table[], names: readonly string[]): Promise<void> {
  const deletes = tables
    .filter(({ key }) => names.includes(key))
    .map((table) => `DELETE FROM ONLY ${qualified(table)}`);
  const [last, ...others] = deletes.toReversed();
  if (last === undefined) return;
  const first = others.map((sql, at) => `d${at} AS (${sql})`).join(', ');
  await referenced(tables, names, () => session.query(first === '' ? last : `WITH ${first} ${last}`));
}

/** Keys that wait for the end of the transaction. */
async function settle(session: Session, tables: readonly Table[], names: readonly string[]): Promise<void> {
  await referenced(tables, names, () => session.query('SET CONSTRAINTS ALL IMMEDIATE'));
}

async function referenced(
  tables: readonly Table[],
  names: readonly string[],
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (codeOf(error) !== '23503') throw error;
    const children = tables.filter(
      ({ key, references }) => !names.includes(key) && references.some(({ table }) => names.includes(table)),
    );
    throw rowsReferenced(
      names,
      children.map(({ key }) => key),
    )(error);
  }
}
