import { OverwinterError } from '../core/errors.ts';
import { mustBeCheckedOut } from '../operations/must-be-checked-out.ts';
import type { Project } from '../operations/project.ts';

/** Where no backup was found although the last commit has some, that is the error: the backups are a command away. */
export async function orNotCheckedOut(error: unknown, project: Project): Promise<unknown> {
  const code = error instanceof OverwinterError ? error.code : undefined;
  if (code !== 'NO_BACKUP' && code !== 'BACKUP_NOT_FOUND') return error;
  try {
    await mustBeCheckedOut(project);
    return error;
  } catch (better) {
    return better;
  }
}
