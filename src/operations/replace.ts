import { existsSync } from 'node:fs';
import { OverwinterError } from '../core/errors.ts';
import { databaseLocked } from '../core/problems/database.ts';
import { untilClosedElsewhere } from '../engines/sqlite/open-elsewhere.ts';
import { asideOf, removeDatabase, setAside, swapIn, takeAfter } from '../engines/sqlite/swap.ts';
import { withLock } from '../local/lock.ts';
import { makeLocalFolder, realPath } from '../local/place.ts';
import { forgetSnapshot, rotateSnapshots, type Snapshot, takeSnapshot } from '../local/snapshots.ts';
import type { Project } from './project.ts';

/** What stands where a database is to go. */
export type Standing = 'nothing' | 'unreadable' | 'empty-tables' | 'data';

/** Looks at what would be replaced. Throws where it cannot be replaced at all: a folder, a locked database. */
export function standing(project: Project, target: string): Standing {
  try {
    const { kind } = project.engine.inspect(target, project.ignoreTables);
    if (kind === 'missing' || kind === 'blank') return 'nothing';
    return kind === 'no-rows' ? 'empty-tables' : 'data';
  } catch (error) {
    const code = error instanceof OverwinterError ? error.code : undefined;
    if (code === 'DATABASE_CORRUPT' || code === 'DATABASE_NOT_SQLITE') return 'unreadable';
    throw error;
  }
}

export interface Replaced {
  /** What was there before, if anything was. */
  readonly snapshot: Snapshot | undefined;
  /** Where a database that could not be read was moved; nothing is ever deleted. */
  readonly setAside: string | undefined;
}

/**
 * Puts a finished database in the place of `target`, after a snapshot of what is there. `expected` is what stood there when
 * the finished one was begun: rows that somebody wrote since are not replaced. Whatever fails, the old database stays and the
 * finished one is removed.
 */
export async function replaceWith(
  project: Project,
  finished: string,
  target: string,
  label: string,
  expected?: Standing,
): Promise<Replaced> {
  try {
    const before = standing(project, target);
    if (before === 'data' && (expected === 'nothing' || expected === 'empty-tables')) throw databaseLocked(target)();
    takeAfter(finished, target);
    if (before === 'nothing' || before === 'unreadable') {
      await untilClosedElsewhere(target, patience(project));
      const stamp = project
        .now()
        .toISOString()
        .replace(/[-:T.Z]/g, '');
      const kept = setAside(target, makeLocalFolder(project.local, 'aside'), stamp);
      swapIn(finished, target);
      return { snapshot: undefined, setAside: kept };
    }
    return { snapshot: await swapAfterSnapshot(project, finished, target, label), setAside: undefined };
  } catch (error) {
    removeDatabase(finished);
    throw error;
  }
}

/** Whoever only looks is soon done; an app is not. */
const patience = ({ wait }: Project) => Math.min(wait, 1000);

/** Older snapshots go only once this one is needed: a restore that fails again and again must not push them out. */
async function swapAfterSnapshot(project: Project, finished: string, target: string, label: string): Promise<Snapshot> {
  let snapshot: Snapshot | undefined;
  const keep = async () => {
    snapshot = await takeSnapshot(project, target, label);
    await untilClosedElsewhere(target, patience(project));
  };
  try {
    await project.engine.settle(target, keep, () => swapIn(finished, target));
  } catch (error) {
    if (snapshot !== undefined) forgetSnapshot(project.local, snapshot.id);
    throw error;
  }
  rotateSnapshots(project.local, target, project.keepSnapshots);
  if (snapshot === undefined) throw databaseLocked(target)();
  return snapshot;
}

/** Removes what a restore that died left beside the database, unless one is at work right now. */
export async function tidyAside(project: Project): Promise<void> {
  const aside = asideOf(realPath(project.db));
  if (!existsSync(aside)) return;
  try {
    await withLock(project.local, project.db, 0, async () => removeDatabase(aside));
  } catch (error) {
    if (!(error instanceof OverwinterError && error.code === 'BUSY')) throw error;
  }
}
