import { isDeepStrictEqual } from 'node:util';
import type { Reading } from '../engines/engine.ts';
import { type Hold, liftHold, readHold } from '../local/hold.ts';
import type { BackupOptions, BackupResult } from './backup.ts';
import { noteReal } from './development/mark.ts';
import { noteOwnMark, unmark } from './development/own-mark.ts';
import { whyHeld } from './development/why-held.ts';
import type { Project } from './project.ts';

/** The hold that stands, where the options allow it. Throws HELD where they do not. */
export function allowedHold(project: Project, { allowShrink, evenFakes }: BackupOptions): Hold | undefined {
  const hold = readHold(project.local, project.database.id);
  if (hold === undefined) return undefined;
  const isAllowed = hold.madeFor === undefined ? allowShrink : evenFakes;
  if (isAllowed !== true) throw whyHeld(project, hold);
  return hold;
}

/**
 * A restore goes on beside a backup, here or elsewhere, of which the database tells in what was read. Throws HELD where another hold came since it
 * was asked, which nobody allowed.
 */
export function mustBeHeldAs(
  { local, ...project }: Project,
  allowed: Hold | undefined,
  read?: Pick<Reading, 'ownMark'>,
): void {
  const { id } = project.database;
  noteOwnMark(local, id, read?.ownMark);
  const now = readHold(local, id);
  if (now !== undefined && !isDeepStrictEqual(now, allowed)) throw whyHeld(project, now);
}

/** What is written is meant to be the data now: the hold that was allowed goes, and no other. */
export async function liftAllowed(
  { local, database }: Project,
  { dryRun, evenFakes }: BackupOptions,
  allowed: Hold | undefined,
): Promise<Pick<BackupResult, 'holdLifted' | 'markStays'>> {
  const { id } = database;
  if (dryRun || !isDeepStrictEqual(readHold(local, id), allowed)) return {};
  if (evenFakes) noteReal(local, id);
  if (allowed === undefined) return {};
  const isUnmarked = await unmark(local, database, allowed);
  return { ...(liftHold(local, id) ? { holdLifted: true } : {}), ...(isUnmarked ? {} : { markStays: true }) };
}
