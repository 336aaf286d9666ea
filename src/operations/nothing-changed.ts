import { isMisnamed } from '../core/names.ts';
import { type LeftOut, leavesOutTheSame } from '../core/privacy/left-out.ts';
import { isSealed } from '../format/sealed.ts';
import { lineageTo, noteLineage } from '../local/lineage.ts';
import { isAsSaved } from './as-saved.ts';
import type { BackupResult } from './backup.ts';
import type { Opened } from './catalog.ts';
import { rememberPassedOver } from './passed-over.ts';
import { type Begun, isAside, type Taken } from './saving.ts';
import { mendPointer, resultOf } from './write-backup.ts';

/** The result, where a fingerprint tells that the newest backup says the same: then nothing is read. */
export async function unchangedUnread(begun: Begun): Promise<BackupResult | undefined> {
  const { into, project, options, wanted, hold, before, sealing, stamp } = begun;
  const { newest, rows } = before;
  const isOrdinary = wanted === undefined && !isAside(options) && hold === undefined && sealing === undefined;
  if (!isOrdinary || newest === undefined || rows !== newest.manifest.metadata.rows) return undefined;
  if (!(await isAsSaved(project, newest, stamp))) return undefined;
  if (into !== undefined) {
    await mendPointer(into, newest, options);
    rememberPassedOver(project, undefined, undefined, options.trigger);
  }
  const { metadata } = newest.manifest;
  return resultOf('unchanged', newest.name, metadata, { ...metadata, bytesWritten: 0 });
}

/** The result, where the newest backup says the same. */
export async function unchangedAsRead(begun: Begun, taken: Taken): Promise<BackupResult | undefined> {
  const { into, project, options, wanted, before, sealing, stamp } = begun;
  const { newest } = before;
  if (newest === undefined || wanted !== undefined) return undefined;
  const { read, collected, beside } = taken;
  const content = sealing?.contentOf(collected.digest, read.leftOut) ?? collected.digest;
  const isNamed = sealing?.isIn(collected.content, newest.manifest) ?? true;
  if (!isNamed || !isSame(newest, content, read.leftOut)) return undefined;
  const { name, manifest } = newest;
  if (into !== undefined) {
    await mendPointer(into, newest, options);
    noteLineage(project.local, project.database.id, lineageTo(name, manifest.metadata, stamp));
    beside?.note(newest);
    rememberPassedOver(project, undefined, undefined, options.trigger);
  }
  return resultOf('unchanged', name, { ...manifest.metadata, ...read.leftOut }, collected);
}

/** Whether the newest whole backup says the same, under a name that is its own. */
function isSame({ name, manifest, digest }: Opened, same: string, leftOut: LeftOut): boolean {
  const { content, backup_date } = manifest.metadata;
  // The keyed digest of an encrypted one is of what is left out, too.
  const says = content === same && (isSealed(manifest) || leavesOutTheSame(manifest.metadata, leftOut));
  return says && !isMisnamed(name, backup_date, digest);
}
