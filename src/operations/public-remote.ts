import { publicRemote } from '../core/problems/git.ts';
import type { Project } from './project.ts';

/**
 * Throws PUBLIC_REMOTE for a place of which it is known that everybody could read the backups, which are plain, and nobody said that they
 * may. `publicAs` is what people call such a place.
 */
export function mustNotBePublic(
  project: Pick<Project, 'publicRemote' | 'encryption'>,
  publicAs: string | undefined,
): void {
  // Encrypted, they are there for everybody to see and for nobody to read.
  if (project.encryption?.wanted) return;
  if (publicAs !== undefined && project.publicRemote !== 'allow') throw publicRemote(publicAs)();
}
