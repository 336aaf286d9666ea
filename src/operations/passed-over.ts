import { isHindrance } from '../core/damage.ts';
import { OverwinterError } from '../core/errors.ts';
import { type Hint, hint, overwinter } from '../core/hint.ts';
import { count } from '../core/words.ts';
import type { Lineage } from '../local/lineage.ts';
import { forgetPassedOver, notePassedOver, type PassedOver } from '../local/passed-over.ts';
import type { Opened } from './catalog.ts';
import { diff } from './diff.ts';
import type { Project } from './project.ts';

/**
 * The backup that is about to be passed over: the newest one, where this database comes from an older one and never had what is in it, as
 * where two people save their own databases into one repository. What another environment saves is its own.
 */
export function aboutToPassOver(
  project: Project,
  from: Lineage | undefined,
  newest: Opened | undefined,
): PassedOver | undefined {
  if (from === undefined || newest === undefined || from.name === newest.name) return undefined;
  const { metadata } = newest.manifest;
  const isOlder = Date.parse(from.date) < Date.parse(metadata.backup_date);
  const isOurs = metadata.origin.environment === project.environment;
  return isOurs && isOlder && from.content !== metadata.content ? { name: newest.name, since: from.name } : undefined;
}

/**
 * Whoever calls `backup` was told by `status`, and says that it is meant; a hook and a running app say nothing of the kind. `from` is the
 * backup that this one goes on from: that one is passed over no more.
 */
export function rememberPassedOver(
  { local, store }: Project,
  from: Lineage | undefined,
  passed: PassedOver | undefined,
  trigger: string,
): void {
  if (from !== undefined) forgetPassedOver(local, store.id, from.name);
  if (trigger === 'command-line') forgetPassedOver(local, store.id);
  else if (passed !== undefined) notePassedOver(local, store.id, passed);
}

/** So many are named. */
const TABLES = 5;

/** What to say of it: what it brought that the backup `by` does not have. Undefined where it brought nothing. */
export async function passedOverInWords(project: Project, passed: PassedOver, by: string): Promise<Hint | undefined> {
  const brought = await broughtBy(project, passed);
  if (brought?.rows === 0) {
    forgetPassedOver(project.local, project.store.id, passed.name);
    return undefined;
  }
  const what =
    brought === undefined ? 'rows' : `${count(brought.rows, 'row')} of ${brought.tables.slice(0, TABLES).join(', ')}`;
  return hint`${passed.name} was saved elsewhere, and ${by} does not go on from it: ${what} may be otherwise there. ${waysBack(passed, brought?.tables[0])}`;
}

/** The commands that show it and bring it back. */
export function waysBack({ name, since }: PassedOver, table = 'TABLE'): Hint {
  return hint`${overwinter('diff', ...(since === undefined ? [name] : [since, name]))} shows what; ${overwinter('restore', name, '--table', table, '--where', 'CONDITION')} brings rows back.`;
}

async function broughtBy(project: Project, { name, since }: PassedOver) {
  if (since === undefined) return undefined;
  try {
    const { tables } = await diff(project, since, name, 0);
    const of = tables.filter((each) => each.added + each.changed + each.removed > 0);
    const rows = of.reduce((sum, { added, changed, removed }) => sum + added + changed + removed, 0);
    return { rows, tables: of.map(({ table }) => table) };
  } catch (error) {
    // One of the two is gone, or cannot be opened here: then nobody can count.
    if (error instanceof OverwinterError || isHindrance(error)) return undefined;
    throw error;
  }
}
