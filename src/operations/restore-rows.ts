import { leftOutOf } from '../core/privacy/left-out.ts';
import { notForThisKind } from '../core/problems/some-rows.ts';
import type { RowsBrought, RowsWanted } from '../engines/engine.ts';
import { holdOf } from '../local/hold.ts';
import { forgetPassedOver } from '../local/passed-over.ts';
import { withScratch } from '../local/scratch.ts';
import { rotateSnapshots, type Snapshot, takeSnapshot } from '../local/snapshots.ts';
import { forgetTakenFor } from '../local/taken-for.ts';
import type { Skipped } from './catalog.ts';
import { settleMarkLocked } from './development/mark.ts';
import { lockDatabase } from './lock-database.ts';
import { type Project, silent } from './project.ts';
import { mustBeOfType } from './put-in-place.ts';
import { slicesIn } from './read-parts.ts';
import { cautionOf, copyingOf, rowsToldBy } from './replace.ts';
import { type RestoreOptions, withChosen } from './restore.ts';
import { settleFailed, settleSnapshots } from './settle-snapshots.ts';
import { unseal } from './unseal.ts';

export interface RestoreRowsOptions extends Omit<RestoreOptions, 'to'> {
  readonly rows: RowsWanted;
}

export interface RestoredRows extends RowsBrought {
  readonly name: string;
  readonly date: string;
  readonly environment: string;
  readonly db: string;
  readonly skipped: readonly Skipped[];
}

/** What bringing rows of some tables back would do; nothing is done. Throws what `restoreRows` throws. */
export function tryRestoreRows(project: Project, options: RestoreRowsOptions): Promise<RestoredRows> {
  return bring(project, options, undefined);
}

/**
 * Brings rows of some tables back into a database that stays as it is otherwise, after a snapshot of all of it. Throws NO_BACKUP,
 * BACKUP_NOT_FOUND, BACKUP_DAMAGED, ANOTHER_DATABASE, WRONG_KEY, USAGE, TABLE_GONE, COLUMN_GONE, ROWS_IN_CONFLICT, ROWS_REFERENCED, and what
 * the engine throws; whatever it throws, no row is another.
 */
export async function restoreRows(
  project: Project,
  options: RestoreRowsOptions,
): Promise<RestoredRows & { readonly snapshot: Snapshot | undefined }> {
  const { database, local } = project;
  return lockDatabase(project, database, project.wait, async () => {
    await settleSnapshots(local, database);
    await settleMarkLocked(local, database);
    const taken: Snapshot[] = [];
    const forget = () => settleFailed(local, database, taken.splice(0));
    const restored = await bring(project, options, async (name, transaction) => {
      // One that was damaged was tried before.
      await forget();
      const label = `before restoring rows of ${options.rows.tables.join(', ')} from ${name}`;
      const about = { madeFor: holdOf(local, database.id)?.madeFor, ...rowsToldBy(database, transaction) };
      taken.push(await takeSnapshot(project, database.id, copyingOf(project), label, about));
      project.onEnding?.();
    }).catch(async (error: unknown) => {
      await forget();
      throw error;
    });
    const [snapshot] = taken;
    if (snapshot !== undefined) {
      forgetTakenFor(local, snapshot.id);
      rotateSnapshots(local, database.id, project.keepSnapshots);
    }
    forgetPassedOver(local, project.store.id, restored.name);
    const cautions = snapshot === undefined ? [] : cautionOf(database);
    return { ...restored, warnings: [...restored.warnings, ...cautions], snapshot };
  });
}

function bring(
  project: Project,
  options: RestoreRowsOptions,
  first: ((name: string, transaction: string | undefined) => Promise<void>) | undefined,
): Promise<RestoredRows> {
  const { database, encryption, local } = project;
  const { rows, onProgress = silent } = options;
  return withChosen(project, options, database, async (opened, store, skipped) => {
    mustBeOfType(database, opened);
    const bringRows = database.bringRows?.bind(database);
    if (bringRows === undefined) throw notForThisKind(database.codec.name)();
    const unsealed = await unseal(encryption, store, opened);
    const { manifest } = unsealed;
    const slices = slicesIn(unsealed.store, manifest.data);
    const { metadata } = opened.manifest;
    let done = 0;
    const onRows = (count: number) => {
      done += count;
      onProgress('restoring', done, Math.max(done, metadata.rows));
    };
    const brought = await withScratch(local, 'rows', (scratch) => {
      const content = { ...manifest, metadata: leftOutOf(manifest.metadata) };
      const named = first && ((transaction?: string) => first(opened.name, transaction));
      const bringing = { scratch, onRows, ...(named === undefined ? {} : { first: named }) };
      return bringRows(content, slices, rows, bringing);
    });
    const { backup_date: date, origin } = metadata;
    return { name: opened.name, date, environment: origin.environment, db: database.label, skipped, ...brought };
  });
}
