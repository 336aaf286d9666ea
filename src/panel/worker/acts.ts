import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { unlessHindered } from '../../core/damage.ts';
import { hintText } from '../../core/hint.ts';
import type { SchemaObject } from '../../core/manifest.ts';
import { rowCount, type TableData } from '../../core/manifest.ts';
import { metricsText } from '../../core/metrics.ts';
import { userName } from '../../core/names.ts';
import { type LeftOut, leftOutOf } from '../../core/privacy/left-out.ts';
import type { Retention } from '../../core/retention.ts';
import { listSnapshots, type Snapshot } from '../../local/snapshots.ts';
import { type BackupResult, backup } from '../../operations/backup.ts';
import { type Entry, readCatalog } from '../../operations/catalog.ts';
import { type Diff, diff } from '../../operations/diff.ts';
import type { AllowShrink } from '../../operations/guard.ts';
import { type Look, look } from '../../operations/look.ts';
import { metricsOf } from '../../operations/metrics.ts';
import { mayBeNamed, nameBackup } from '../../operations/name-backup.ts';
import type { OnProgress, Project } from '../../operations/project.ts';
import { type PruneResult, prune, removeBackup } from '../../operations/prune.ts';
import { type RestoreResult, restore } from '../../operations/restore.ts';
import { snapshot, type UndoResult, undo } from '../../operations/snapshot.ts';
import { type Status, status } from '../../operations/status.ts';
import { exportDocument, importDocument, tryDocument } from '../../operations/transfer.ts';
import type { Trial } from '../../operations/trial.ts';
import { type Verified, verify } from '../../operations/verify.ts';
import { fileNotes } from '../../project/files-words.ts';
import { privacyNotes } from '../../project/privacy-words.ts';
import { serveExport } from '../../pull/serve.ts';
import { writePrivately } from '../private-file.ts';
import { opened } from './opened.ts';
import { type Timeline, type TimelineAsked, timeline } from './timeline.ts';

export interface Place {
  readonly db: string;
  /** Then the app goes on with the old file while another takes its place. */
  readonly isFile: boolean;
  readonly local: string;
  readonly retention: Retention;
}

export interface Overview {
  readonly status: Status;
  /** The database, as its project calls it. */
  readonly file: string;
  /** Rows of each of the user's tables; none where the database cannot be read. */
  readonly counts: readonly (readonly [table: string, rows: number])[];
  readonly entries: readonly Entry[];
  readonly snapshots: readonly Snapshot[];
}

export interface TableOfBackup {
  readonly name: string;
  readonly rows: number;
  /** Rows it had in the backup before; undefined where it was not there. */
  readonly before: number | undefined;
  readonly changed: boolean;
}

export interface BackupDetail {
  readonly entry: Entry;
  /** Whom it is encrypted to; nobody where it is plain. */
  readonly recipients: readonly string[];
  readonly mayBeNamed: boolean;
  readonly previous: string | undefined;
  readonly tables: readonly TableOfBackup[];
  readonly schema: readonly Pick<SchemaObject, 'type' | 'name'>[];
}

/** A backup that was made, and what somebody should know of what is in it. */
export interface Saved extends BackupResult {
  readonly notes: readonly string[];
}

/** What a restore would do: a comparison, or why there is nothing to compare with. */
export type Preview = { readonly leftOut: LeftOut } & (
  | { readonly kind: 'diff'; readonly diff: Diff }
  | { readonly kind: 'nothing-there' | 'unreadable'; readonly tables: number; readonly rows: number }
);

export interface Rows extends Look {
  readonly entry: Entry;
}

/** A request of CI's for the data, and what is answered; the bytes as base64. */
export interface Pulled {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PullAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Everything the panel asks of a project, by name: what it takes, and what it answers. All of it is plain data. */
export interface Asks {
  /** The names of the project's databases, whichever the rest is about. */
  databases: [undefined, readonly string[]];
  place: [undefined, Place];
  overview: [undefined, Overview];
  /** What the overview says in figures, for a program that watches. */
  metrics: [undefined, string];
  timeline: [TimelineAsked, Timeline];
  detail: [{ name: string }, BackupDetail];
  rows: [{ name: string; table: string; from: number; limit: number; search: string }, Rows];
  snapshots: [undefined, readonly Snapshot[]];
  backup: [{ name?: string; allowShrink: AllowShrink }, Saved];
  preview: [{ name: string }, Preview];
  restore: [{ name: string }, RestoreResult];
  verify: [{ name?: string }, readonly Verified[]];
  /** One backup with what is there now, or the older of two with the newer. */
  diff: [{ of: readonly string[] }, Diff];
  name: [{ name: string; wanted: string }, { name: string }];
  remove: [{ name: string; dryRun: boolean }, PruneResult];
  prune: [{ dryRun: boolean }, PruneResult];
  snapshot: [{ label: string }, Snapshot];
  undo: [{ id: string }, UndoResult];
  export: [{ name?: string; file: string; as: 'json' | 'db' }, { bytes: number }];
  import: [{ file: string; label: string }, RestoreResult];
  trial: [{ file: string; label: string }, Trial];
  pull: [Pulled, PullAnswer];
}

export type Act = keyof Asks;

/** How many of the changed rows of a table a comparison shows. */
const ROWS_TO_SHOW = 50;

export const acts: {
  readonly [N in Exclude<Act, 'databases'>]: (
    project: Project,
    args: Asks[N][0],
    onProgress: OnProgress,
  ) => Promise<Asks[N][1]>;
} = {
  place: async ({ database, local, retention }) => ({
    db: database.label,
    isFile: database.file !== undefined,
    local,
    retention,
  }),

  overview: async (project) => ({
    status: await status(project),
    file: project.identity.path ?? project.database.label,
    counts: await countsOf(project),
    // A store that cannot be read is the status's to tell.
    entries: (await readCatalog(project.store).catch(() => ({ entries: [] }))).entries,
    snapshots: listSnapshots(project.local, project.database.id),
  }),

  metrics: async (project) =>
    metricsText(metricsOf([{ database: project.identity.name, status: await status(project) }])),

  timeline,

  detail: (project, { name }) => detailOf(project, userName(name)),

  async rows(project, { name, table, ...which }) {
    const { manifest, store } = await opened(project, userName(name));
    const data = manifest.data.get(table) ?? { rows: [] };
    return { entry: { name, metadata: manifest.metadata }, ...(await look(store, data, which)) };
  },

  snapshots: async (project) => listSnapshots(project.local, project.database.id),

  async backup(project, args, onProgress) {
    const saved = await backup(project, { ...args, trigger: 'panel', onProgress });
    return { ...saved, notes: [...privacyNotes(saved, project.privacy).map(hintText), ...fileNotes(saved)] };
  },

  preview: (project, { name }, onProgress) => previewOf(project, name, onProgress),

  restore: (project, { name }, onProgress) => restore(project, { name, onProgress }),

  verify: (project, { name }, onProgress) => verify(project, name === undefined ? 'all' : { name }, onProgress),

  async diff(project, { of }, onProgress) {
    const { entries, conflicts } = await readCatalog(project.store);
    const at = (name: string) =>
      [...entries, ...conflicts].find((each) => each.name === name)?.metadata.backup_date ?? '';
    const [from, to] = of.toSorted((a, b) => Date.parse(at(a)) - Date.parse(at(b)));
    return diff(project, from, to, ROWS_TO_SHOW, onProgress);
  },

  name: (project, { name, wanted }) => nameBackup(project, name, wanted),

  remove: (project, { name, dryRun }) => removeBackup(project, userName(name), dryRun),

  prune: (project, { dryRun }) => prune(project, project.retention, dryRun),

  snapshot: (project, { label }) => snapshot(project, label),

  undo: (project, { id }) => undo(project, id),

  async export(project, { name, file, as }) {
    if (as === 'db' && name !== undefined) {
      await restore(project, { name, to: file });
      return { bytes: statSync(file).size };
    }
    const text = await exportDocument(project, name);
    return { bytes: await writePrivately(file, text) };
  },

  import: async (project, { file, label }, onProgress) =>
    importDocument(project, label, await readFile(file), onProgress),

  trial: async (project, { file, label }, onProgress) =>
    tryDocument(project, label, await readFile(file), ROWS_TO_SHOW, onProgress),

  async pull(project, { url, method, headers }) {
    const answer = await serveExport(new Request(url, { method, headers }), project);
    const body = Buffer.from(await answer.arrayBuffer()).toString('base64');
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body };
  },
};

async function countsOf({ database }: Project): Promise<[string, number][]> {
  try {
    return [...(await database.counts())];
  } catch {
    return [];
  }
}

async function detailOf(project: Project, name: string): Promise<BackupDetail> {
  const { manifest, recipients } = await opened(project, name);
  const { metadata, data } = manifest;
  const { entries } = await readCatalog(project.store);
  const at = entries.findIndex((entry) => entry.name === name);
  const previous = at === -1 ? undefined : entries[at + 1]?.name;
  // One that is damaged is passed over here; the list says what is wrong with it.
  const before = previous && (await opened(project, previous).catch(unlessHindered))?.manifest.data;
  const own = [...data].filter(([table]) => !project.database.codec.isInternal(table));
  return {
    entry: { name, metadata },
    recipients,
    mayBeNamed: mayBeNamed(name),
    previous: before && previous,
    schema: manifest.schema.map(({ type, name }) => ({ type, name })),
    tables: own.map(([table, rows]) => {
      const old = before ? before.get(table) : undefined;
      const changed = old === undefined || fingerprint(old) !== fingerprint(rows);
      return { name: table, rows: rowCount(rows), before: old && rowCount(old), changed };
    }),
  };
}

/** Equal rows have equal parts. */
const fingerprint = (table: TableData) =>
  'rows' in table ? table.rows.join('\n') : table.parts.map(({ file }) => file).join('\n');

async function previewOf(project: Project, name: string, onProgress: OnProgress): Promise<Preview> {
  // Opened even where nothing is compared: whoever lacks the key is to learn it here.
  const { metadata } = (await opened(project, userName(name))).manifest;
  const leftOut = leftOutOf(metadata);
  const counts = { tables: metadata.tables, rows: metadata.rows, leftOut };
  let state: string;
  try {
    state = (await project.database.state(project.ignoreTables)).kind;
  } catch (error) {
    unlessHindered(error);
    return { kind: 'unreadable', ...counts };
  }
  if (state === 'missing' || state === 'blank') return { kind: 'nothing-there', ...counts };
  return { kind: 'diff', leftOut, diff: await diff(project, name, undefined, ROWS_TO_SHOW, onProgress) };
}
