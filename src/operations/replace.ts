import { chmodSync, statSync } from 'node:fs';
import { OverwinterError } from '../core/errors.ts';
import { makeLocalFolder } from '../local/place.ts';
import { type Snapshot, takeSnapshot } from '../local/snapshots.ts';
import { removeDatabase, setAside, swapIn } from '../local/swap.ts';
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
 * Puts a finished database in the place of `target`, after a snapshot of what is there. Whatever fails, the old database
 * stays and the finished one is removed.
 */
export async function replaceWith(
  project: Project,
  finished: string,
  target: string,
  label: string,
): Promise<Replaced> {
  try {
    const before = standing(project, target);
    chmodSync(finished, before === 'nothing' ? 0o600 : statSync(target).mode & 0o777);
    const stamp = project
      .now()
      .toISOString()
      .replace(/[-:T.Z]/g, '');
    let snapshot: Snapshot | undefined;
    let moved: string | undefined;
    if (before === 'unreadable') moved = setAside(target, makeLocalFolder(project.local, 'aside'), stamp);
    else if (before !== 'nothing') {
      const { engine, local, keepSnapshots } = project;
      snapshot = await takeSnapshot(engine, local, target, label, project.now(), keepSnapshots);
      engine.settle(target);
    }
    swapIn(finished, target);
    return { snapshot, setAside: moved };
  } catch (error) {
    removeDatabase(finished);
    throw error;
  }
}
