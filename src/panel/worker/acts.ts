import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Problem, problemOf } from '../../core/errors.ts';
import { hintText } from '../../core/hint.ts';
import { metricsText } from '../../core/metrics.ts';
import { userName } from '../../core/names.ts';
import { holdsData } from '../../core/problems/restoring.ts';
import type { Retention } from '../../core/retention.ts';
import { listSnapshots, type Snapshot } from '../../local/snapshots.ts';
import { type BackupResult, backup } from '../../operations/backup.ts';
import { bringNewest } from '../../operations/bring.ts';
import { readCatalog } from '../../operations/catalog.ts';
import { type Diff, diff } from '../../operations/diff.ts';
import type { AllowShrink } from '../../operations/guard.ts';
import { metricsOf } from '../../operations/metrics.ts';
import { nameBackup } from '../../operations/name-backup.ts';
import type { Copied, NotDue, OnProgress, Project } from '../../operations/project.ts';
import { type PruneResult, prune, removeBackup } from '../../operations/prune.ts';
import { type RestoreResult, restore } from '../../operations/restore.ts';
import { snapshot, type UndoResult, undo } from '../../operations/snapshot.ts';
import { status } from '../../operations/status.ts';
import { exportDocument, importDocument, tryDocument } from '../../operations/transfer.ts';
import type { Trial } from '../../operations/trial.ts';
import { type Verified, verify } from '../../operations/verify.ts';
import { fileNotes } from '../../project/files-words.ts';
import { privacyNotes } from '../../project/privacy-words.ts';
import { serveExport } from '../../pull/serve.ts';
import { writePrivately } from '../private-file.ts';
import { type OnWork, Stopped } from '../protocol.ts';
import { type AtATime, atATime, type RowAsked, type RowLife, type Rows, type RowsAsked, row, rows } from './browse.ts';
import { type Now, now, nowMark } from './now.ts';
import { type Brought, bringRows, type Plan, plan, ROWS_TO_SHOW, type Scope, type ScopeOf } from './plan.ts';
import { type Timeline, type TimelineAsked, timeline } from './timeline.ts';

export interface Place {
  readonly db: string;
  /** Rows of some tables can come back without the rest. */
  readonly bringsRows: boolean;
  /** Then the app goes on with the old file while another takes its place. */
  readonly isFile: boolean;
  readonly local: string;
  readonly retention: Retention;
}

/** What came of bringing the newest backup to one of the other places; undefined where there is none yet. */
export interface Pushed {
  readonly store: string;
  readonly status: (Copied | NotDue)['status'] | undefined;
  readonly problem: Problem | undefined;
}

/** A backup that was made, and what somebody should know of what is in it. */
export interface Saved extends BackupResult {
  readonly notes: readonly string[];
}

/** What was tried; where it was told to stop, what was found until then. */
export interface Tried {
  readonly found: readonly Verified[];
  readonly of: number;
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
  now: [undefined, Now];
  nowMark: [undefined, string];
  /** What that says in figures, for a program that watches. */
  metrics: [undefined, string];
  timeline: [TimelineAsked, Timeline];
  /** Without a name the newest. */
  browse: [{ name?: string }, AtATime];
  rows: [RowsAsked, Rows];
  row: [RowAsked, RowLife];
  snapshots: [undefined, readonly Snapshot[]];
  backup: [{ name?: string; allowShrink: AllowShrink }, Saved];
  preview: [ScopeOf, Plan];
  bring: [{ name: string; scope: Exclude<Scope, { kind: 'all' }> }, Brought];
  push: [undefined, readonly Pushed[]];
  restore: [{ name: string; whereNothingIs?: boolean }, RestoreResult];
  verify: [{ name?: string }, Tried];
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

export const acts: {
  readonly [N in Exclude<Act, 'databases'>]: (
    project: Project,
    args: Asks[N][0],
    onProgress: OnWork,
  ) => Promise<Asks[N][1]>;
} = {
  place: async ({ database, local, retention }) => ({
    db: database.label,
    bringsRows: database.bringRows !== undefined,
    isFile: database.file !== undefined,
    local,
    retention,
  }),

  now,

  nowMark,

  metrics: async (project) =>
    metricsText(metricsOf([{ database: project.identity.name, status: await status(project) }])),

  timeline,

  browse: (project, { name }) => atATime(project, name),

  rows,

  row,

  snapshots: async (project) => listSnapshots(project.local, project.database.id),

  async backup(project, args, onProgress) {
    const saved = await backup(project, { ...args, trigger: 'panel', onProgress });
    return { ...saved, notes: [...privacyNotes(saved, project.privacy).map(hintText), ...fileNotes(saved)] };
  },

  preview: plan,

  bring: bringRows,

  async push(project) {
    const pushed: Pushed[] = [];
    for (const remote of project.remotes ?? []) {
      const { label: store } = remote;
      pushed.push(
        await bringNewest(project, remote).then(
          (copied) => ({ store, status: copied?.status, problem: undefined }),
          (error: unknown) => ({ store, status: undefined, problem: problemOf(error) }),
        ),
      );
    }
    return pushed;
  },

  async restore(project, { name, whereNothingIs = false }, onProgress) {
    const standing = await project.database.standing(project.ignoreTables);
    if (whereNothingIs && standing === 'data') throw holdsData(project.database.label)();
    return restore(project, { name, onProgress });
  },

  verify: tried,

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
    importDocument(project, label, await readFile(file), { overAnother: true, onProgress }),

  trial: async (project, { file, label }, onProgress) =>
    tryDocument(project, label, await readFile(file), ROWS_TO_SHOW, { overAnother: true, onProgress }),

  async pull(project, { url, method, headers }) {
    const answer = await serveExport(new Request(url, { method, headers }), project);
    const body = Buffer.from(await answer.arrayBuffer()).toString('base64');
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body };
  },
};

async function tried(project: Project, { name }: { name?: string }, onProgress: OnWork): Promise<Tried> {
  let result: Tried = { found: [], of: 0 };
  let isStopped = false;
  const watched: OnProgress = (phase, done, total) => {
    try {
      onProgress(phase, done, total, { done: result.found.length, of: result.of });
    } catch (error) {
      isStopped = true;
      throw error;
    }
  };
  try {
    await verify(project, name === undefined ? 'all' : { name }, watched, (found, of) => {
      // The one that it was stopped at was not tried.
      if (isStopped) throw new Stopped();
      result = { found: [...found], of };
    });
  } catch (error) {
    if (!isStopped || result.found.length === 0) throw error;
  }
  return result;
}
