import type { Manifest, Metadata, Origin } from '../core/manifest.ts';
import { FORMAT, LARGEST_MANIFEST } from '../core/manifest.ts';
import { backupName, manifestFile, POINTER_FILE } from '../core/names.ts';
import { leftOutOf } from '../core/privacy/left-out.ts';
import { tooMuchSchema } from '../core/problems/database.ts';
import { totalFiles } from '../core/saved-files.ts';
import type { Memory } from '../core/table-memory.ts';
import { writeAnyManifest } from '../format/any-manifest.ts';
import { pointerTo, writePointer } from '../format/pointer.ts';
import { noteKnown } from '../local/known-rows.ts';
import { lineageTo, noteLineage } from '../local/lineage.ts';
import type { Batch } from '../stores/store.ts';
import type { BackupOptions, BackupResult } from './backup.ts';
import { type Opened, readPointerFile } from './catalog.ts';
import type { Collected } from './collect.ts';
import { knownFrom } from './guard.ts';
import type { Project } from './project.ts';
import { type Begun, isAside, type Taken } from './saving.ts';
import type { NoteOf } from './since-before.ts';

/** What is to be remembered of a backup, once it has a date. */
interface Remembered {
  memory(date: Date): Memory;
  /** Of how it was read. */
  readonly note: NoteOf | undefined;
}

/**
 * The manifest, and then the pointer, each on the disk before the next. Its parts are there already. Without a batch, nothing is written.
 */
export async function writeBackup(begun: Begun, taken: Taken, { memory, note }: Remembered): Promise<BackupResult> {
  const { into, project, options, wanted, before, sealing, stamp } = begun;
  const { read, collected, sink, beside } = taken;
  const date = laterThan(project.now(), before.newest);
  const metadata: Metadata = {
    format: FORMAT,
    backup_date: date.toISOString(),
    version: '1.0',
    database_type: project.database.codec.databaseType,
    database_name: project.identity.name,
    ...(project.identity.path === undefined ? {} : { database: project.identity.path }),
    origin: await originOf(project, options.trigger),
    content: collected.digest,
    tables: collected.tables,
    rows: collected.rows,
    bytes: collected.bytes,
    ...filesIn(collected),
    ...read.leftOut,
  };
  const remembered = memory(date);
  const plain: Manifest = {
    metadata,
    ...collected.content,
    ...(remembered.size === 0 ? {} : { memory: remembered }),
  };
  const sealed = await sealing?.manifest(plain, sink);
  const { text, digest } = writeAnyManifest(sealed?.manifest ?? plain);
  const name = wanted ?? backupName(options.kind ?? 'backup', date, digest);
  const manifest = Buffer.from(text);
  if (manifest.length > LARGEST_MANIFEST) throw tooMuchSchema(project.database.label, 'very many small tables')();
  if (into !== undefined) {
    await into.publish(manifestFile(name), manifest);
    if (!options.leavePointer && into.limits.replaces)
      await into.publish(POINTER_FILE, Buffer.from(writePointer(pointerTo(name, digest, sealed?.manifest ?? plain))));
    if (sealing !== undefined) {
      sealing.remember(plain);
      noteKnown(project.local, into.id, digest, knownFrom(plain));
    }
    note?.(project, { digest, manifest: plain });
    if (!isAside(options)) {
      const written = sealed?.manifest ?? plain;
      noteLineage(project.local, project.database.id, lineageTo(name, written.metadata, stamp));
      beside?.note({ name, digest, manifest: written });
    }
  }
  const result = resultOf('created', name, metadata, collected);
  const bytesWritten = collected.bytesWritten + (sealed?.bytesWritten ?? 0) + manifest.length;
  return { ...result, bytesWritten };
}

function filesIn({ content: { files } }: Collected): Pick<Metadata, 'files' | 'file_bytes'> {
  if (files === undefined) return {};
  const { files: count, bytes } = totalFiles(files.folders);
  return { files: count, file_bytes: bytes };
}

export function resultOf(
  status: 'created' | 'unchanged',
  name: string,
  metadata: Metadata,
  { tables, rows, bytes, bytesWritten }: Pick<Collected, 'tables' | 'rows' | 'bytes' | 'bytesWritten'>,
): BackupResult {
  return { status, name, date: metadata.backup_date, tables, rows, bytes, bytesWritten, ...leftOutOf(metadata) };
}

/** A clock that was set back must not make the newest backup look like an old one. */
function laterThan(now: Date, newest: Opened | undefined): Date {
  const before = newest === undefined ? 0 : Date.parse(newest.manifest.metadata.backup_date);
  return now.getTime() > before ? now : new Date(before + 1);
}

async function originOf(project: Project, trigger: string): Promise<Origin> {
  const commit = await project.commit;
  return {
    environment: project.environment,
    trigger,
    ...(commit === undefined ? {} : { commit }),
    ...(project.host === undefined ? {} : { host: project.host }),
  };
}

/** Where the newest backup says the same, the pointer may still say something else. */
export async function mendPointer(store: Batch, newest: Opened, options: BackupOptions): Promise<void> {
  if (options.leavePointer || !store.limits.replaces) return;
  const text = Buffer.from(writePointer(pointerTo(newest.name, newest.digest, newest.manifest)));
  if ((await readPointerFile(store))?.equals(text)) return;
  await store.publish(POINTER_FILE, text);
}
