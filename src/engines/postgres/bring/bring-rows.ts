import type { Saved } from '../../../core/manifest.ts';
import { databaseLocked } from '../../../core/problems/database.ts';
import type { Bringing, RowsBrought, RowsWanted, SliceSource } from '../../engine.ts';
import { serverProblem } from '../connect-problem.ts';
import type { Session } from '../driver.ts';
import { namingHolders } from '../restore/holders.ts';
import { lock } from '../restore/replace.ts';
import { suspend } from '../restore/suspend.ts';
import type { RestoreTarget } from '../restore/target.ts';
import { beginWriting, nameOfTransaction } from '../restore/transaction.ts';
import { findTables } from '../tables.ts';
import { apply } from './apply.ts';
import { type Counts, plan } from './plan.ts';
import { watchReferences } from './references.ts';
import { moveSequences } from './sequences.ts';
import { putBeside, shapesOf } from './source.ts';
import { suspendRules, withTriggers } from './triggers.ts';
import { type Shape, wantedTables } from './wanted-tables.ts';

/**
 * Puts the backup's rows beside, works out what differs, and does it in one transaction: whoever dies meanwhile leaves the database as it was. What is
 * only tried is done, too, and taken back.
 */
export async function bringRows(
  target: RestoreTarget,
  content: Saved,
  slices: SliceSource,
  wanted: RowsWanted,
  bringing: Bringing,
  patience: number,
): Promise<RowsBrought> {
  const session = await target.connect();
  try {
    return await namingHolders(session, target.label, async () => {
      await beginWriting(session, patience);
      const found = await findTables(session, target.scope);
      const tables = wantedTables(found.tables, content, wanted);
      const { shapes, surveyed } = await shapesOf(tables, content, slices);
      await putBeside(session, shapes, surveyed, slices, bringing);
      // From here on nobody else writes to them, and everybody may read.
      await lock(
        session,
        shapes.map(({ table }) => table),
        'SHARE ROW EXCLUSIVE',
      );
      if ((await findTables(session, target.scope)).text !== found.text) throw databaseLocked(target.label)();
      return await bringInto(session, target.label, shapes, wanted, bringing.first);
    });
  } catch (error) {
    throw serverProblem(target.label, error);
  } finally {
    // A transaction that is open ends with it, and nothing of it stays.
    await session.close();
  }
}

async function bringInto(
  session: Session,
  label: string,
  shapes: readonly Shape[],
  wanted: RowsWanted,
  first: Bringing['first'],
): Promise<RowsBrought> {
  const counts = await plan(session, shapes, wanted);
  const touched = new Map([...counts].filter(([, { added, changed, removed }]) => added + changed + removed > 0));
  if (touched.size === 0) return brought(counts, []);
  await first?.(await nameOfTransaction(session));
  const changing = [...touched.keys()];
  const tables = changing.map(({ table }) => table);
  const mustPoint = await watchReferences(session, changing);
  const silent = await withTriggers(session, tables);
  await session.query('SET CONSTRAINTS ALL IMMEDIATE');
  const suspended = await suspend(session, label, tables);
  const rules = await suspendRules(session, tables);
  await apply(session, touched);
  await mustPoint();
  await rules.resume();
  await suspended.resume();
  await moveSequences(session, tables);
  if (first !== undefined) await session.query('COMMIT');
  return brought(
    counts,
    silent.map((table) => `the triggers of ${table} did not fire: what they keep elsewhere is as it was`),
  );
}

function brought(counts: ReadonlyMap<Shape, Counts>, warnings: readonly string[]): RowsBrought {
  const by = (kind: keyof Counts) =>
    new Map([...counts].flatMap(([{ table }, each]) => (each[kind] > 0 ? [[table.key, each[kind]] as const] : [])));
  return { added: by('added'), changed: by('changed'), removed: by('removed'), warnings };
}
