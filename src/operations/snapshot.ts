import { join } from 'node:path';
import { noSnapshotsOn } from '../core/advice.ts';
import { noSnapshot, snapshotNotFound } from '../core/problems/backups.ts';
import { withScratch } from '../local/scratch.ts';
import {
  filesOfSnapshot,
  isPortable,
  listSnapshots,
  rotateSnapshots,
  type Snapshot,
  takeSnapshot,
} from '../local/snapshots.ts';
import { asFile } from './as-file.ts';
import { settleMark } from './development/mark.ts';
import { type Diff, diffDatabases } from './diff.ts';
import { lockDatabase } from './lock-database.ts';
import { keptFiles, type StagedFiles, stageFiles } from './place-files.ts';
import { stagePortably } from './portable-copy.ts';
import type { Project } from './project.ts';
import { copyingOf, type Replaced, replaceWith } from './replace.ts';
import { settleSnapshots } from './settle-snapshots.ts';

/** Why a snapshot would be gone before anybody could need it; undefined where it would not. */
export function whyNoSnapshot({ runsOn, database }: Project): string | undefined {
  const isInVain = runsOn?.losesFiles === true && database.isElsewhere === true;
  return isInVain ? noSnapshotsOn(runsOn.name, database.label) : undefined;
}

/** Takes a safety copy and lets go of the oldest. Throws what the engine throws. */
export async function snapshot(project: Project, label: string): Promise<Snapshot> {
  await settleMark(project);
  const taken = await takeSnapshot(project, project.database.id, copyingOf(project), label);
  rotateSnapshots(project.local, project.database.id, project.keepSnapshots);
  return taken;
}

/** What was there before the undo is a snapshot too, so that undoing again brings it back. */
export interface UndoResult extends Replaced {
  readonly restored: Snapshot;
}

/** What going back would do to the rows; undefined where there are none that could go. Throws what `undo` throws. */
export async function tryUndo(
  project: Project,
  id?: string,
): Promise<{ readonly snapshot: Snapshot; readonly diff: Diff | undefined }> {
  // The same that it will be.
  await lockDatabase(project, project.database, project.wait, () => settleSnapshots(project.local, project.database));
  const snapshot = snapshotMeant(project, id);
  if ((await project.database.standing(project.ignoreTables)) !== 'data') return { snapshot, diff: undefined };
  return withScratch(project.local, 'trial', async (folder) => {
    if (isPortable(snapshot)) {
      const staged = await stagePortably(project, snapshot.file, folder);
      return { snapshot, diff: await diffDatabases(project, staged, folder, 0).finally(() => staged.discard()) };
    }
    // Read in a copy: to open a file in WAL mode puts others beside it.
    const copy = join(folder, 'snapshot.db');
    const database = asFile(project.database);
    await database.at(snapshot.file).file.copyTo(copy);
    return { snapshot, diff: await diffDatabases(project, database.at(copy), folder, 0) };
  });
}

/** Throws NO_SNAPSHOT. */
function snapshotMeant({ database, local }: Project, id: string | undefined): Snapshot {
  const snapshots = listSnapshots(local, database.id);
  const [newest] = snapshots;
  if (newest === undefined) throw noSnapshot(database.label)();
  const wanted = id === undefined ? newest : snapshots.find((each) => each.id === id);
  if (wanted === undefined) throw snapshotNotFound(id ?? '', database.label, newest.id)();
  return wanted;
}

/** Goes back to the newest snapshot, or to the one named. Throws NO_SNAPSHOT. */
export async function undo(project: Project, id?: string): Promise<UndoResult> {
  const { database } = project;
  return lockDatabase(project, database, project.wait, async () => {
    await settleSnapshots(project.local, database);
    const wanted = snapshotMeant(project, id);
    const staged = isPortable(wanted)
      ? await stagePortably(project, wanted.file)
      : await asFile(database).stageCopy(wanted.file);
    let files: StagedFiles | undefined;
    try {
      const kept = await keptFiles(filesOfSnapshot(wanted.file));
      files = kept && (await stageFiles(project, database, kept.files, kept.store));
      const replaced = await replaceWith(project, database, staged, {
        label: `before undoing to ${wanted.id}`,
        files,
        mark: wanted.madeFor ?? 'data',
      });
      return { restored: wanted, ...replaced };
    } catch (error) {
      files?.discard();
      throw error;
    } finally {
      await staged.discard();
    }
  });
}
