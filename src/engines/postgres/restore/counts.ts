import type { Scope } from '../catalog/scope.ts';
import type { Session } from '../driver.ts';
import { wholeOf } from '../rows-sql.ts';
import { countRowsOf } from '../table-rows.ts';
import { findTables } from '../tables.ts';

/** Rows of each table that holds some of its own, in a transaction that is open. */
export async function countsIn(session: Session, scope: Scope): Promise<Map<string, number>> {
  const { tables } = await findTables(session, scope);
  return new Map(await countRowsOf(session, tables.filter(({ holdsRows }) => holdsRows).map(wholeOf)));
}
