import { OverwinterError } from '../core/errors.ts';
import { noBackupButBelow } from '../core/problems/backups.ts';
import { mustBeCheckedOut } from '../operations/must-be-checked-out.ts';
import type { Project } from '../operations/project.ts';
import { projectsHere } from '../project/databases-here.ts';
import { fromHere } from '../project/from-here.ts';
import { startedIn } from '../project/package-manager.ts';

interface Here {
  readonly root: string;
  readonly cwd: string;
}

/** Where no backup was found although they are a command away, that is the error: the last commit has some, or a project below. */
export async function orElsewhere(error: unknown, project: Project, here: Here): Promise<unknown> {
  const code = error instanceof OverwinterError ? error.code : undefined;
  if (code !== 'NO_BACKUP' && code !== 'BACKUP_NOT_FOUND') return error;
  try {
    await mustBeCheckedOut(project);
    return code === 'NO_BACKUP' ? orBelow(error, project, here) : error;
  } catch (better) {
    return better;
  }
}

function orBelow(error: unknown, { store }: Project, { root, cwd }: Here): unknown {
  const below = projectsHere(root);
  const [first] = below;
  if (first === undefined) return error;
  const folders = below.map((folder) => fromHere(cwd, folder));
  return noBackupButBelow(store.label, folders.join(', '), fromHere(cwd, first), startedIn(first))(error);
}
