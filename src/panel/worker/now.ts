import { type LeftOut, leftOutOf } from '../../core/privacy/left-out.ts';
import { listSnapshots, type Snapshot } from '../../local/snapshots.ts';
import { type Entry, readCatalog } from '../../operations/catalog.ts';
import type { Project } from '../../operations/project.ts';
import { type Status, status } from '../../operations/status.ts';
import { undoable } from '../undoable.ts';
import { opened } from './opened.ts';

/** How things are at this moment. */
export interface Now {
  readonly status: Status;
  /** The database, as its project calls it. */
  readonly file: string;
  readonly entries: readonly Entry[];
  readonly undo: Snapshot | undefined;
  /** Where there is no data, what can be brought back at once. */
  readonly back: Back | undefined;
}

export interface Back {
  readonly name: string;
  readonly date: string;
  readonly rows: number;
  readonly tables: number;
  readonly leftOut: LeftOut;
}

export async function now(project: Project): Promise<Now> {
  const found = await status(project);
  // A store that cannot be read is the status's to tell.
  const { entries } = await readCatalog(project.store).catch(() => ({ entries: [] }));
  return {
    status: found,
    file: project.identity.path ?? project.database.label,
    entries,
    undo: undoable(listSnapshots(project.local, project.database.id), project.now()),
    back: await back(project, found, entries),
  };
}

/** The backup that a start would take, where the database is gone or holds nothing. */
async function back(project: Project, { chain }: Status, entries: readonly Entry[]): Promise<Back | undefined> {
  const name = chain.steps.find((step) => step.name === 'boots')?.backup;
  const isEmpty = chain.steps.some(({ cause }) => cause === 'empty');
  const entry = entries.find((each) => each.name === name);
  if (!isEmpty || entry === undefined) return undefined;
  const { backup_date: date, rows, tables } = entry.metadata;
  // Of one that is shut the restore says whose key it takes.
  const inside = await opened(project, entry.name).catch(() => undefined);
  const leftOut = leftOutOf(inside?.manifest.metadata ?? entry.metadata);
  return { name: entry.name, date, rows, tables, leftOut };
}

/** What `now` would show otherwise, in a word that is another once it would. */
export async function nowMark(project: Project): Promise<string> {
  const { chain, database } = await status(project);
  return JSON.stringify([chain, database]);
}
