import { statSync } from 'node:fs';
import { emptiness, type Light, lightOf, type Reason } from '../core/decide.ts';
import { OverwinterError, reasonOf } from '../core/errors.ts';
import type { Metadata } from '../core/manifest.ts';
import { type Catalog, checkPointer, mustHaveParts, openBackup, readCatalog, type Skipped } from './catalog.ts';
import type { Project } from './project.ts';

export interface Status {
  readonly light: Light;
  readonly reasons: readonly Reason[];
  readonly database: {
    readonly path: string;
    readonly bytes: number | undefined;
    readonly modified: string | undefined;
    readonly tables: number | undefined;
    readonly rows: number | undefined;
  };
  readonly newest: { readonly name: string; readonly metadata: Metadata; readonly ageSeconds: number } | undefined;
  readonly backups: number;
  readonly unreadable: readonly Skipped[];
  /** What a start of the app would do now. */
  readonly boot: string;
}

/** Says how safe the data is and why, changing nothing. Troubles are answers here, not errors. */
export async function status(project: Project): Promise<Status> {
  const catalog = await readCatalog(project.store);
  const newest = catalog.entries[0];
  const database = lookAtDatabase(project);
  const reasons = [...(await backupReasons(project, catalog)), ...database.reasons];
  const light = lightOf(reasons);
  const stat = statSync(project.db, { throwIfNoEntry: false });
  return {
    light,
    reasons,
    database: {
      path: project.db,
      bytes: stat?.size,
      modified: stat?.mtime.toISOString(),
      tables: database.counts?.size,
      rows: database.counts && sum(database.counts),
    },
    newest: newest && {
      ...newest,
      ageSeconds: Math.max(0, Math.round((project.now().getTime() - Date.parse(newest.metadata.backup_date)) / 1000)),
    },
    backups: catalog.entries.length,
    unreadable: catalog.unreadable,
    boot: database.failed ? 'refuse to start' : bootWill(database.empty, newest?.name),
  };
}

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, rows) => total + rows, 0);

function bootWill(empty: string | undefined, newest: string | undefined): string {
  if (empty === undefined) return 'leave the database as it is';
  return newest === undefined ? `start empty: ${empty}, and there is no backup` : `restore ${newest}: ${empty}`;
}

interface Look {
  readonly reasons: Reason[];
  readonly counts: Map<string, number> | undefined;
  readonly empty: string | undefined;
  readonly failed: boolean;
}

function lookAtDatabase(project: Project): Look {
  try {
    const state = project.engine.inspect(project.db, project.ignoreTables);
    const empty = emptiness(state);
    if (empty === undefined) return { reasons: [], counts: project.engine.counts(project.db), empty, failed: false };
    const counts = state.kind === 'no-rows' ? project.engine.counts(project.db) : undefined;
    const hint = "The next start of the app restores it, or do so now: 'overwinter restore latest'.";
    return { reasons: [{ light: 'yellow', text: `${empty.replace(/^t/, 'T')}.`, hint }], counts, empty, failed: false };
  } catch (error) {
    const hint = error instanceof OverwinterError ? error.hint : undefined;
    const reason: Reason = { light: 'red', text: reasonOf(error), ...(hint === undefined ? {} : { hint }) };
    return { reasons: [reason], counts: undefined, empty: undefined, failed: true };
  }
}

async function backupReasons(project: Project, catalog: Catalog): Promise<Reason[]> {
  const reasons: Reason[] = catalog.unreadable.map(({ reason }) => ({
    light: 'yellow',
    text: reason,
    hint: "'git checkout -- backups' brings back what was committed.",
  }));
  const [newest] = catalog.entries;
  if (newest === undefined) {
    const light = catalog.unreadable.length > 0 ? 'red' : 'yellow';
    return [
      ...reasons,
      { light, text: 'There is no backup yet.', hint: "Make the first one with 'overwinter backup'." },
    ];
  }
  const { problem } = await checkPointer(project.store, catalog);
  if (problem !== undefined) {
    const hint = "Nothing is lost: the newest backup is found without it. 'overwinter backup' sets it right.";
    reasons.push({ light: 'yellow', text: `${problem.replace(/^t/, 'T')}.`, hint });
  }
  try {
    await mustHaveParts(project.store, await openBackup(project.store, newest.name));
  } catch (error) {
    const hint = error instanceof OverwinterError ? error.hint : '';
    reasons.push({ light: 'red', text: `The newest backup cannot be restored: ${reasonOf(error)}`, hint });
  }
  return reasons;
}
