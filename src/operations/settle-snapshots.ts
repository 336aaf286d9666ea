import { join } from 'node:path';
import { OverwinterError } from '../core/errors.ts';
import type { Database, FileDatabase } from '../engines/engine.ts';
import { withScratch } from '../local/scratch.ts';
import { forgetSnapshot, type Snapshot, unsettledSnapshots } from '../local/snapshots.ts';
import { forgetTakenFor, isDone, takenFor } from '../local/taken-for.ts';
import { collect } from './collect.ts';
import { noSink } from './write-parts.ts';

/**
 * Whoever is killed leaves the snapshot that was taken before. Where what is there is what it holds, that is no way back: it goes, as after
 * a restore that failed. The caller holds the database's lock.
 */
export async function settleSnapshots(local: string, database: Database): Promise<void> {
  for (const { id, file } of unsettledSnapshots(local, database.id)) {
    const what = takenFor(local, id);
    const done = what === undefined || isDone(what);
    const isThrough = typeof done === 'boolean' ? done : await askAbout(done, local, database, file);
    if (isThrough === true) forgetTakenFor(local, id);
    if (isThrough === false) forgetSnapshot(local, id);
  }
}

/** The same after a failure. A connection that breaks says nothing of its transaction: where one does it, it is asked what became of it. */
export async function settleFailed(local: string, database: Database, taken: readonly Snapshot[]): Promise<void> {
  if (database.wentThrough !== undefined) return settleSnapshots(local, database);
  for (const { id } of taken) forgetSnapshot(local, id);
}

async function askAbout(
  done: { readonly transaction: string } | { readonly rows: true },
  local: string,
  { file, ...database }: Database,
  snapshot: string,
): Promise<boolean | undefined> {
  if ('transaction' in done) return database.wentThrough?.(done.transaction);
  if (file === undefined) return true;
  try {
    return await withScratch(local, 'settling', async (folder) => {
      // Read in a copy: to open a file in WAL mode puts others beside it.
      const copy = file.at(join(folder, 'snapshot.db'));
      await file.at(snapshot).file.copyTo(copy.file.path);
      return (await contentOf(copy, folder)) !== (await contentOf(database, folder));
    });
  } catch (error) {
    // What cannot be read may be all that is left: it stays, and the snapshot with it.
    if (error instanceof OverwinterError) return true;
    throw error;
  }
}

/** The digest of all there is, with nothing left out. */
async function contentOf(database: Pick<FileDatabase, 'read'>, scratch: string): Promise<string> {
  const reading = await database.read(scratch);
  try {
    return (await collect(reading, noSink, () => {})).digest;
  } finally {
    await reading.close();
  }
}
