import { publicRemote } from '../core/problems/git.ts';
import { githubRepository, type Visibility } from '../core/public-remote.ts';
import type { Project } from '../operations/project.ts';

/** Throws PUBLIC_REMOTE where it is known that everybody could read the backups, which are plain, and nobody said that they may. */
export function mustNotBePublic(
  project: Pick<Project, 'publicRemote' | 'encryption'>,
  remote: string | undefined,
  visibility: Visibility | undefined,
): void {
  // Encrypted, they are there for everybody to see and for nobody to read.
  if (project.encryption?.wanted) return;
  if (visibility !== 'public' || project.publicRemote === 'allow') return;
  throw publicRemote(githubRepository(remote) ?? 'the remote')();
}
