import { noSnapshot, snapshotNotFound } from '../core/problems/backups.ts';
import { withLock } from '../local/lock.ts';
import { listSnapshots, rotateSnapshots, type Snapshot, takeSnapshot } from '../local/snapshots.ts';
import { asFile } from './as-file.ts';
import type { Project } from './project.ts';
import { type Replaced, replaceWith } from './replace.ts';

/** Takes a binary safety copy and lets go of the oldest. Throws what the engine's `copyTo` throws. */
export async function snapshot(project: Project, label: string): Promise<Snapshot> {
  const taken = await takeSnapshot(project, project.database.id, asFile(project.database), label);
  rotateSnapshots(project.local, project.database.id, project.keepSnapshots);
  return taken;
}

/** What was there before the undo is a snapshot too, so that undoing again brings it back. */
export interface UndoResult extends Replaced {
  readonly restored: Snapshot;
}

/** Goes back to the newest snapshot, or to the one named. Throws NO_SNAPSHOT. */
export async function undo(project: Project, id?: string): Promise<UndoResult> {
  const { database, local } = project;
  return withLock(local, database.id, project.wait, async () => {
    const snapshots = listSnapshots(local, database.id);
    const [newest] = snapshots;
    if (newest === undefined) throw noSnapshot(database.label)();
    const wanted = id === undefined ? newest : snapshots.find((each) => each.id === id);
    if (wanted === undefined) throw snapshotNotFound(id ?? '', database.label, newest.id)();
    const staged = await asFile(project.database).stageCopy(wanted.file);
    try {
      const replaced = await replaceWith(project, database, staged, { label: `before undoing to ${wanted.id}` });
      return { restored: wanted, ...replaced };
    } finally {
      await staged.discard();
    }
  });
}
