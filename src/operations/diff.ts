import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf } from '../core/diff.ts';
import type { Content, SchemaObject } from '../core/manifest.ts';
import type { Database } from '../engines/engine.ts';
import { isSealed } from '../format/sealed.ts';
import { withScratch } from '../local/scratch.ts';
import { folderStore } from '../stores/folder/folder-store.ts';
import type { ReadableStore } from '../stores/store.ts';
import { mustHaveParts, nameMeant, type Opened, openBackup } from './catalog.ts';
import { collect } from './collect.ts';
import { type Contents, compareTable, type TableDiff } from './compare-table.ts';
import { diffFiles, type FilesDiff, liveFiles } from './diff-files.ts';
import { withNewest } from './newest.ts';
import { type OnProgress, type Phase, type Project, silent } from './project.ts';
import { selecting } from './secrets.ts';
import { unseal } from './unseal.ts';
import type { PartSink } from './write-parts.ts';

export interface Diff {
  readonly from: string;
  readonly to: string;
  readonly tables: readonly TableDiff[];
  readonly schema: {
    readonly added: readonly string[];
    readonly changed: readonly string[];
    readonly removed: readonly string[];
  };
  /** Of what is saved beside the rows, where anything is. */
  readonly files?: FilesDiff;
  /** One of the two was encrypted: what is shown of it is not for everybody. */
  readonly encrypted?: true;
}

export interface Side extends Contents {
  readonly label: string;
  readonly isEncrypted?: true;
}

const LIVE = 'the database';

/**
 * Compares two backups, or a backup (by default the newest) with the live database. Parts that both sides share are not read.
 * Throws NO_BACKUP, BACKUP_NOT_FOUND, BACKUP_DAMAGED and what the engine throws.
 */
export async function diff(
  project: Project,
  from: string | undefined,
  to: string | undefined,
  rowsToShow: number,
  onProgress: OnProgress = silent,
): Promise<Diff> {
  const before = await backupSide(project, from ?? 'latest');
  return diffSides(
    project,
    before,
    to === undefined ? undefined : await backupSide(project, to),
    rowsToShow,
    onProgress,
  );
}

/** The same of two sides, or of one and the live database. */
export function diffSides(
  project: Project,
  before: Side,
  after: Side | undefined,
  rowsToShow: number,
  onProgress: OnProgress,
): Promise<Diff> {
  if (after !== undefined) return compare(project, before, after, rowsToShow);
  return withLiveSide(project, before.store, onProgress, (live) => compare(project, before, live, rowsToShow));
}

/** The backup that a name means. Throws what `openBackup` throws. */
export async function backupSide({ store, encryption }: Project, name: string): Promise<Side> {
  if (name === 'latest') return newestSide(store, encryption);
  const opened = await openBackup(store, await nameMeant(store, name));
  await mustHaveParts(store, opened);
  return sideOf(store, encryption, opened);
}

/** The newest backup of a store. Throws what `withNewest` throws. */
export const newestSide = (store: ReadableStore, encryption: Project['encryption']): Promise<Side> =>
  withNewest(store, (opened) => sideOf(store, encryption, opened));

async function sideOf(store: ReadableStore, encryption: Project['encryption'], opened: Opened): Promise<Side> {
  const unsealed = await unseal(encryption, store, opened);
  const encrypted = isSealed(opened.manifest) ? ({ isEncrypted: true } as const) : {};
  return { label: opened.name, content: unsealed.manifest, store: unsealed.store, ...encrypted };
}

type Readable = Pick<Database, 'read'>;

/** Compares the live database with another, both as a backup would hold them; `folder` is for what that needs. Throws what the engine throws. */
export async function diffDatabases(
  project: Project,
  other: Readable,
  folder: string,
  rowsToShow: number,
  onProgress: OnProgress = silent,
): Promise<Diff> {
  const base = folderStore(join(folder, 'nothing-yet'));
  const { database } = project;
  return readSide(project, database, LIVE, base, join(folder, 'live'), counted('comparing', onProgress), (live) =>
    readSide(
      project,
      other,
      'what came of it',
      live.store,
      join(folder, 'other'),
      counted('checking', onProgress),
      (to) => compare(project, live, to, rowsToShow),
    ),
  );
}

/** The live database as a backup would hold it. */
function withLiveSide<T>(
  project: Project,
  base: ReadableStore,
  onProgress: OnProgress,
  use: (live: Side) => Promise<T>,
): Promise<T> {
  return withScratch(project.local, 'live', (folder) =>
    readSide(project, project.database, LIVE, base, folder, counted('comparing', onProgress), use, liveFiles),
  );
}

type OnRows = (rows: number, total: number) => void;

function counted(phase: Phase, onProgress: OnProgress): OnRows {
  let done = 0;
  return (rows, total) => {
    done += rows;
    onProgress(phase, done, total);
  };
}

/** A database as a backup would hold it; only parts that `base` does not have are written, and only to be read here. */
async function readSide<T>(
  project: Project,
  database: Readable,
  label: string,
  base: ReadableStore,
  folder: string,
  onRows: OnRows,
  use: (side: Side) => Promise<T>,
  filesOf: typeof liveFiles = async () => ({}),
): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const scratch = folderStore(folder);
  const reading = await database.read(folder, selecting(project));
  try {
    const kept = await base.list('parts');
    const total = reading.tables.reduce((sum, table) => sum + table.rows, 0);
    const content = await scratch.batch(async (into): Promise<Content> => {
      const sink: PartSink = async (file, bytes) => {
        if (kept.get(file) !== bytes.length) await into.put(file, bytes);
        return 0;
      };
      const files = await filesOf(project, sink);
      return { ...(await collect(reading, sink, (rows) => onRows(rows, total))).content, ...files };
    });
    const store: ReadableStore = {
      label,
      id: base.id,
      list: async (shelf) => new Map([...(await base.list(shelf)), ...(await scratch.list(shelf))]),
      read: async (path, range) => (await scratch.read(path, range)) ?? base.read(path, range),
    };
    return await use({ label, content, store });
  } finally {
    await reading.close();
  }
}

async function compare(project: Project, before: Side, after: Side, rowsToShow: number): Promise<Diff> {
  const keys = new Map([
    ...(await project.database.keysOf(before.content.schema)),
    ...(await project.database.keysOf(after.content.schema)),
  ]);
  const tables: TableDiff[] = [];
  for (const table of new Set([...before.content.data.keys(), ...after.content.data.keys()])) {
    if (project.database.codec.isInternal(table)) continue;
    const key = keys.get(table) ?? [];
    const rowIn = (line: string) => keyOf(line, key, project.database.codec.ownNumber);
    const found = await compareTable(table, before, after, rowIn, rowsToShow);
    if (found.added + found.changed + found.removed > 0) tables.push(found);
  }
  // Where the configuration names no folder, the files of a backup are nobody's loss.
  const isAside = after.label === LIVE && after.content.files === undefined;
  const files = isAside ? undefined : await diffFiles(before, after, rowsToShow);
  return {
    from: before.label,
    to: after.label,
    tables,
    schema: compareSchemas(before.content.schema, after.content.schema),
    ...(files === undefined ? {} : { files }),
    ...(before.isEncrypted || after.isEncrypted ? { encrypted: true } : {}),
  };
}

function compareSchemas(before: readonly SchemaObject[], after: readonly SchemaObject[]): Diff['schema'] {
  const label = (object: SchemaObject) => `${object.type} ${object.name}`;
  const old = new Map(before.map((object) => [label(object), object.sql]));
  const now = new Map(after.map((object) => [label(object), object.sql]));
  return {
    added: [...now.keys()].filter((each) => !old.has(each)),
    changed: [...now].filter(([each, sql]) => old.has(each) && old.get(each) !== sql).map(([each]) => each),
    removed: [...old.keys()].filter((each) => !now.has(each)),
  };
}
