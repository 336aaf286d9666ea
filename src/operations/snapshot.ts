import { noSnapshot, snapshotNotFound } from '../core/problems/backups.ts';
import { beginAside, removeDatabase } from '../engines/sqlite/swap.ts';
import { withLock } from '../local/lock.ts';
import { realPath } from '../local/place.ts';
import { listSnapshots, rotateSnapshots, type Snapshot, takeSnapshot } from '../local/snapshots.ts';
import type { Project } from './project.ts';
import { type Replaced, replaceWith } from './replace.ts';

/** Takes a binary safety copy and lets go of the oldest. Throws what the engine's `copy` throws. */
export async function snapshot(project: Project, label: string): Promise<Snapshot> {
  const taken = await takeSnapshot(project, realPath(project.db), label);
  rotateSnapshots(project.local, project.db, project.keepSnapshots);
  return taken;
}

/** What was there before the undo is a snapshot too, so that undoing again brings it back. */
export interface UndoResult extends Replaced {
  readonly restored: Snapshot;
}

/** Goes back to the newest snapshot, or to the one named. Throws NO_SNAPSHOT. */
export async function undo(project: Project, id?: string): Promise<UndoResult> {
  return withLock(project.local, project.db, project.wait, async () => {
    const snapshots = listSnapshots(project.local, project.db);
    const [newest] = snapshots;
    if (newest === undefined) throw noSnapshot(project.db)();
    const wanted = id === undefined ? newest : snapshots.find((each) => each.id === id);
    if (wanted === undefined) throw snapshotNotFound(id ?? '', project.db, newest.id)();
    const target = realPath(project.db);
    const aside = beginAside(target);
    try {
      await project.engine.copy(wanted.file, aside);
    } catch (error) {
      removeDatabase(aside);
      throw error;
    }
    return { restored: wanted, ...(await replaceWith(project, aside, target, `before undoing to ${wanted.id}`)) };
  });
}
