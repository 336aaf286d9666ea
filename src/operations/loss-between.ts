import { refusal } from '../core/decide.ts';
import { OverwinterError } from '../core/errors.ts';
import { lossesOf } from '../core/losses.ts';
import type { ReadableStore } from '../stores/store.ts';
import { type Entry, type Opened, openBackup } from './catalog.ts';
import { filesLostBetween } from './files-guard.ts';
import { type AllowShrink, knownFrom, lasting, verdict } from './guard.ts';
import { contentsOf } from './loss.ts';
import { nulledBetween } from './nulled.ts';
import type { Project } from './project.ts';

/** A backup, and where its parts are. */
export interface Kept {
  readonly opened: Pick<Opened, 'manifest'>;
  readonly store: ReadableStore;
}

/**
 * What is lost where a backup comes to stand after another one that nobody compared it with; undefined where nothing is. Where either
 * cannot be opened here, their totals are all there is to go by.
 */
export async function lossBetween(
  project: Project,
  next: Kept,
  before: { readonly entry: Entry; readonly store: ReadableStore },
  allow: AllowShrink,
  what: string,
): Promise<OverwinterError | undefined> {
  if (allow === true) return undefined;
  const opened = await openBackup(before.store, before.entry.name).catch(undefinedIfDamaged);
  const now = await contentsOf(project, next.store, next.opened);
  const was = await contentsOf(project, before.store, opened);
  const rowsBefore = before.entry.metadata.rows;
  if (now === undefined || was === undefined)
    return refusal(next.opened.manifest.metadata.rows, rowsBefore, project.maxShrink, what);
  const known = knownFrom(was.manifest);
  const { rows, memory } = knownFrom(now.manifest);
  const losses = [...lossesOf({ rows, memory }, known, project), ...lasting(project, await nulledBetween(now, was))];
  const meant = [...memory].flatMap(([table, { meant: on = '' }]) => (on >= known.date ? [table] : []));
  return (
    verdict(project, { what, rows, known, rowsBefore, losses }, [...(allow || []), ...meant]) ??
    filesLostBetween(now.manifest, was.manifest, project.maxShrink)
  );
}

function undefinedIfDamaged(error: unknown): undefined {
  if (error instanceof OverwinterError && error.code === 'BACKUP_DAMAGED') return undefined;
  throw error;
}
