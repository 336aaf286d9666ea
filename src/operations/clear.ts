import { holdOf } from '../local/hold.ts';
import { rotateSnapshots, type Snapshot, takeSnapshot } from '../local/snapshots.ts';
import { forgetTakenFor } from '../local/taken-for.ts';
import { settleMarkLocked } from './development/mark.ts';
import { lockDatabase } from './lock-database.ts';
import type { Project } from './project.ts';
import { cautionOf, copyingOf, rowsToldBy } from './replace.ts';
import { settleFailed, settleSnapshots } from './settle-snapshots.ts';

export interface ClearResult {
  readonly snapshot: Snapshot;
  /** Rows removed, by table; tables that lost none are left out. */
  readonly removed: Readonly<Record<string, number>>;
  readonly rows: number;
  /** What to know of it, in sentences without their full stops. */
  readonly warnings: readonly string[];
}

/**
 * Empties tables after a snapshot of exactly what they held. Throws USAGE for a table that is not there, ROWS_REFERENCED, and
 * what the snapshot throws; whatever it throws, no row is gone.
 */
export async function clear(project: Project, tables: readonly string[]): Promise<ClearResult> {
  const { database, local } = project;
  return lockDatabase(project, database, project.wait, async () => {
    await settleSnapshots(local, database);
    await settleMarkLocked(local, database);
    const taken: Snapshot[] = [];
    const removed = await database
      .clear(tables, async (transaction) => {
        const about = { madeFor: holdOf(local, database.id)?.madeFor, ...rowsToldBy(database, transaction) };
        const label = `before clearing ${tables.join(', ')}`;
        taken.push(await takeSnapshot(project, database.id, copyingOf(project), label, about));
        project.onEnding?.();
      })
      .catch(async (error: unknown) => {
        await settleFailed(local, database, taken);
        throw error;
      });
    const [first] = taken;
    if (first === undefined) throw new Error('the tables were emptied without a snapshot');
    forgetTakenFor(local, first.id);
    rotateSnapshots(local, database.id, project.keepSnapshots);
    const lost = [...removed].filter(([, rows]) => rows > 0);
    return {
      snapshot: first,
      removed: Object.fromEntries(lost),
      rows: lost.reduce((sum, [, rows]) => sum + rows, 0),
      warnings: cautionOf(database),
    };
  });
}
