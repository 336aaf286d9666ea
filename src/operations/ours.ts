import type { OverwinterError } from '../core/errors.ts';
import { type Identity, identityIn, identityInWords, isOf, isSameDatabase, linesFor } from '../core/identity.ts';
import type { Metadata } from '../core/manifest.ts';
import { anotherDatabase } from '../core/problems/another-database.ts';
import type { Entry } from './catalog.ts';
import type { Project } from './project.ts';

/** Throws ANOTHER_DATABASE where any of the backups there is of another database: then nothing is added to them, and none goes. */
export function mustBeOurs(
  { identity, folderOf }: Pick<Project, 'identity' | 'folderOf'>,
  where: string,
  entries: readonly Pick<Entry, 'metadata'>[],
): void {
  if (folderOf !== undefined && !isSameDatabase(identity, folderOf)) throw strangersIn(where, folderOf, identity);
  for (const { metadata } of entries) {
    const theirs = theirsIn(identity, metadata);
    if (theirs !== undefined) throw strangersIn(where, theirs, identity);
  }
}

export function strangersIn(where: string, theirs: Identity, ours: Identity): OverwinterError {
  const { both, one } = linesFor(theirs, ours);
  return anotherDatabase(where, identityInWords(theirs), identityInWords(ours), both, one)();
}

/** The other database that a backup is of; undefined where it is of this one. */
export function theirsIn(identity: Project['identity'], metadata: Metadata) {
  return isOf(identity, metadata) ? undefined : identityIn(metadata);
}
