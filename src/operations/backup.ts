import { refusal } from '../core/decide.ts';
import type { Metadata, Origin } from '../core/manifest.ts';
import { FORMAT, writeManifest } from '../core/manifest.ts';
import { type BackupKind, backupName, manifestFile, POINTER_FILE, userName } from '../core/names.ts';
import { pointerTo, writePointer } from '../core/pointer.ts';
import { nameTaken } from '../core/problems.ts';
import type { Engine } from '../engines/engine.ts';
import { withLock } from '../local/lock.ts';
import { makeLocalFolder } from '../local/place.ts';
import type { WritableStore } from '../stores/store.ts';
import { type Entry, openBackup, readCatalog } from './catalog.ts';
import { type Collected, collect } from './collect.ts';
import { storeSink } from './parts.ts';
import { type OnProgress, type Project, silent } from './project.ts';

export interface BackupOptions {
  /** A name of the user's own; without one the time and the content make it. */
  readonly name?: string;
  readonly kind?: BackupKind;
  readonly trigger: string;
  /** Writes even where rows were lost. */
  readonly allowShrink?: boolean;
  /** Says what would be written, and writes nothing. */
  readonly dryRun?: boolean;
  /** Branches that are not the default one leave the pointer alone, so that they merge. */
  readonly leavePointer?: boolean;
  readonly onProgress?: OnProgress;
}

export interface BackupResult {
  readonly status: 'created' | 'unchanged';
  readonly name: string;
  readonly date: string;
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly bytesWritten: number;
}

/**
 * Writes a backup if anything changed: parts, then manifest, then pointer, each on the disk before the next. Throws
 * BACKUP_EMPTY or BACKUP_SHRUNK where rows were lost, NAME_TAKEN, BUSY, and what engine and store throw; whatever it
 * throws, the backups there are stay as they are.
 */
export async function backup(project: Project, options: BackupOptions): Promise<BackupResult> {
  const wanted = options.name === undefined ? undefined : userName(options.name);
  return withLock(project.local, project.store.label, project.wait, async () => {
    const { entries } = await readCatalog(project.store);
    const newest = entries[0];
    if (wanted !== undefined && (await project.store.read(manifestFile(wanted))) !== undefined)
      throw nameTaken(wanted)();
    const read = await project.engine.read(project.db, makeLocalFolder(project.local, 'scratch'));
    try {
      const total = read.tables.reduce((sum, table) => sum + table.rows, 0);
      const own = read.tables.filter((table) => table.own).reduce((sum, table) => sum + table.rows, 0);
      if (!options.allowShrink) {
        const problem = refusal(own, newest?.metadata.rows ?? 0, project.maxShrink, project.db);
        if (problem) throw problem;
      }
      const collected = await collectInto(project, read, options, total);
      if (newest !== undefined && wanted === undefined && (await isSame(project.store, newest, collected))) {
        if (!options.dryRun) await mendPointer(project.store, newest, options);
        return resultOf('unchanged', newest.name, newest.metadata, collected);
      }
      return await writeBackup(project, options, collected, wanted, newest);
    } finally {
      read.close();
    }
  });
}

type Read = Awaited<ReturnType<Engine['read']>>;

async function collectInto(project: Project, read: Read, options: BackupOptions, total: number): Promise<Collected> {
  const onProgress = options.onProgress ?? silent;
  let done = 0;
  const onRows = (rows: number) => {
    done += rows;
    onProgress('saving', done, total);
  };
  if (options.dryRun) {
    const present = await project.store.parts();
    return collect(read, async (file, bytes) => (present.has(file) ? 0 : bytes.length), onRows);
  }
  await project.store.prepare();
  return collect(read, storeSink(project.store), onRows);
}

/** Whether the newest backup says the same and is itself readable: a damaged one is worth writing anew. */
async function isSame(store: WritableStore, newest: Entry, collected: Collected): Promise<boolean> {
  if (newest.metadata.content !== collected.digest) return false;
  return openBackup(store, newest.name).then(
    () => true,
    () => false,
  );
}

async function mendPointer(store: WritableStore, newest: Entry, options: BackupOptions): Promise<void> {
  if (options.leavePointer) return;
  const { manifest, digest } = await openBackup(store, newest.name);
  const text = Buffer.from(writePointer(pointerTo(newest.name, digest, manifest.metadata)));
  if ((await store.read(POINTER_FILE))?.equals(text)) return;
  await store.write(POINTER_FILE, text);
  await store.settle();
}

async function writeBackup(
  project: Project,
  options: BackupOptions,
  collected: Collected,
  wanted: string | undefined,
  newest: Entry | undefined,
): Promise<BackupResult> {
  const date = laterThan(project.now(), newest);
  const metadata: Metadata = {
    format: FORMAT,
    backup_date: date.toISOString(),
    version: '1.0',
    database_type: 'sqlite',
    ...(project.dbInProject === undefined ? {} : { database: project.dbInProject }),
    origin: originOf(project, options.trigger),
    content: collected.digest,
    tables: collected.tables,
    rows: collected.rows,
    bytes: collected.bytes,
  };
  const name = wanted ?? backupName(options.kind ?? 'backup', date, collected.digest);
  const { text, digest } = writeManifest({ metadata, ...collected.content });
  const manifest = Buffer.from(text);
  if (!options.dryRun) {
    const { store } = project;
    await store.settle();
    await store.write(manifestFile(name), manifest);
    await store.settle();
    if (!options.leavePointer) {
      await store.write(POINTER_FILE, Buffer.from(writePointer(pointerTo(name, digest, metadata))));
      await store.settle();
    }
  }
  const result = resultOf('created', name, metadata, collected);
  return { ...result, bytesWritten: collected.bytesWritten + manifest.length };
}

function resultOf(
  status: 'created' | 'unchanged',
  name: string,
  metadata: Metadata,
  { tables, rows, bytes, bytesWritten }: Collected,
): BackupResult {
  return { status, name, date: metadata.backup_date, tables, rows, bytes, bytesWritten };
}

/** A clock that was set back must not make the newest backup look like an old one. */
function laterThan(now: Date, newest: Entry | undefined): Date {
  const before = newest === undefined ? 0 : Date.parse(newest.metadata.backup_date);
  return now.getTime() > before ? now : new Date(before + 1);
}

function originOf(project: Project, trigger: string): Origin {
  return {
    environment: project.environment,
    trigger,
    ...(project.commit === undefined ? {} : { commit: project.commit }),
    ...(project.host === undefined ? {} : { host: project.host }),
  };
}
