import { emptiness } from '../core/decide.ts';
import { OverwinterError } from '../core/errors.ts';
import { withLock } from '../local/lock.ts';
import type { OnProgress, Project } from './project.ts';
import { tidyAside } from './replace.ts';
import { type RestoreResult, restoreLocked } from './restore.ts';

export type AutoRestoreResult =
  | ({ readonly restored: true; readonly reason: string } & RestoreResult)
  | { readonly restored: false; readonly reason: string };

/**
 * What boot does: restores the newest intact backup if the database is missing or empty, and otherwise leaves everything
 * alone. Having no backup at all is an answer, because a first boot has none. Throws what `restore` throws.
 */
export async function autoRestore(project: Project, onProgress?: OnProgress): Promise<AutoRestoreResult> {
  const look = () => emptiness(project.engine.inspect(project.db, project.ignoreTables));
  await tidyAside(project);
  if (look() === undefined) return { restored: false, reason: 'the database has data' };
  return withLock(project.local, project.db, project.wait, async () => {
    // Another process may have restored while this one waited.
    const reason = look();
    if (reason === undefined) return { restored: false, reason: 'the database has data' };
    try {
      const options = { name: 'latest', ...(onProgress === undefined ? {} : { onProgress }) };
      return { restored: true, reason, ...(await restoreLocked(project, options, project.db)) };
    } catch (error) {
      if (error instanceof OverwinterError && error.code === 'NO_BACKUP') {
        return { restored: false, reason: `${reason}, and there is no backup yet` };
      }
      throw error;
    }
  });
}
