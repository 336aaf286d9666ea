import { nameOfManifest } from '../core/names.ts';
import { notCheckedOut } from '../core/problems/backups.ts';
import { filesOfCommit } from '../git/files-of-commit.ts';
import { isLocalFolder } from '../stores/store.ts';
import { namesOf } from './catalog.ts';
import { placeInRepository } from './in-git.ts';
import type { Project } from './project.ts';

/**
 * Throws NOT_READABLE where the folder has no backup and the last commit has some: somebody removed it, or a sparse checkout
 * left it out. That is no project without backups: a start would begin empty, and nothing would tell what the first backup after it lacks.
 */
export async function mustBeCheckedOut(project: Project): Promise<void> {
  const { store } = project;
  if (!isLocalFolder(store) || namesOf(await store.list('top')).length > 0) return;
  const committed = await namesInHead(project);
  if (committed.length > 0) throw notCheckedOut(store.path, committed.length)();
}

/** None where git cannot be asked: there may be no git at all where an app runs. */
async function namesInHead(project: Project): Promise<string[]> {
  try {
    const place = await placeInRepository(project);
    if (place === undefined || place.inside.startsWith('..')) return [];
    const files = await filesOfCommit(place.repository, 'HEAD', place.inside);
    return [...(files?.keys() ?? [])].flatMap((file) => (file.includes('/') ? [] : (nameOfManifest(file) ?? [])));
  } catch {
    return [];
  }
}
