import type { Snapshot } from '../local/snapshots.ts';
import { lockDatabase } from './lock-database.ts';
import type { Project } from './project.ts';
import { cautionOf } from './replace.ts';
import { snapshot } from './snapshot.ts';

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
  return lockDatabase(project, project.database, project.wait, async () => {
    const taken: Snapshot[] = [];
    const removed = await project.database.clear(tables, async () => {
      taken.push(await snapshot(project, `before clearing ${tables.join(', ')}`));
    });
    const [first] = taken;
    if (first === undefined) throw new Error('the tables were emptied without a snapshot');
    const lost = [...removed].filter(([, rows]) => rows > 0);
    return {
      snapshot: first,
      removed: Object.fromEntries(lost),
      rows: lost.reduce((sum, [, rows]) => sum + rows, 0),
      warnings: cautionOf(project.database),
    };
  });
}
