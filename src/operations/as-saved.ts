import { isMisnamed } from '../core/names.ts';
import { leavesOutTheSame } from '../core/privacy/left-out.ts';
import { isSealed } from '../format/sealed.ts';
import { lineageOf } from '../local/lineage.ts';
import type { Opened } from './catalog.ts';
import type { Project } from './project.ts';
import { selecting } from './secrets.ts';

/**
 * Whether a database says what a backup says, as its fingerprint tells: then one at an address need not be read, which costs as much as it is
 * large. What is left out by a condition, or replaced, may be something else today, and is read. A file is read only where it changed anyway.
 */
export async function isAsSaved(
  project: Project,
  { name, digest, manifest }: Opened,
  fingerprint: string | undefined,
): Promise<boolean> {
  const { database, local, files } = project;
  if (database.file !== undefined || fingerprint === undefined || isSealed(manifest)) return false;
  // Files beside it change by themselves.
  if (files !== undefined || manifest.files !== undefined) return false;
  const { content, backup_date } = manifest.metadata;
  const lineage = lineageOf(local, database.id);
  if (lineage?.stamp !== fingerprint || lineage.content !== content) return false;
  if (isMisnamed(name, backup_date, digest)) return false;
  const { values = {}, ...leftOut } = selecting(project)((await database.describe()).shapes);
  const isFixed = leftOut.included === undefined && leftOut.excluded === undefined && Object.keys(values).length === 0;
  return isFixed && leavesOutTheSame(manifest.metadata, leftOut);
}
