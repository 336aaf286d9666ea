import { noSnapshot } from '../core/problems.ts';
import { withLock } from '../local/lock.ts';
import { listSnapshots, type Snapshot, takeSnapshot } from '../local/snapshots.ts';
import { asideOf, makeParent, removeDatabase } from '../local/swap.ts';
import type { Project } from './project.ts';
import { type Replaced, replaceWith } from './replace.ts';

/** Takes a binary safety copy. Throws what the engine's `copy` throws. */
export async function snapshot(project: Project, label: string): Promise<Snapshot> {
  return takeSnapshot(project.engine, project.local, project.db, label, project.now(), project.keepSnapshots);
}

/** What was there before the undo is a snapshot too, so that undoing again brings it back. */
export interface UndoResult extends Replaced {
  readonly restored: Snapshot;
}

/** Goes back to the newest snapshot, or to the one named. Throws NO_SNAPSHOT. */
export async function undo(project: Project, id?: string): Promise<UndoResult> {
  return withLock(project.local, project.db, project.wait, async () => {
    const snapshots = listSnapshots(project.local, project.db);
    const wanted = id === undefined ? snapshots[0] : snapshots.find((each) => each.id === id);
    if (wanted === undefined) throw noSnapshot(project.db)();
    const aside = asideOf(project.db);
    removeDatabase(aside);
    makeParent(project.db);
    await project.engine.copy(wanted.file, aside);
    return { restored: wanted, ...(await replaceWith(project, aside, project.db, `before undoing to ${wanted.id}`)) };
  });
}
