import type { BackupResult } from '../operations/backup.ts';
import { keepBinaryCopy } from '../operations/binary-copy.ts';
import type { Project } from '../operations/project.ts';

/** A copy takes at most this share of the time. */
const SHARE = 0.01;

/**
 * Keeps the binary form of the newest backup on this machine, as often as that is cheap: a small database after every backup, a
 * large one now and then. A copy that is older than the newest backup is never used, so failing to make one is no failure.
 */
export function secondForm(project: Project): (result: BackupResult) => Promise<void> {
  let notBefore = 0;
  let kept: string | undefined;
  return async (result) => {
    const begun = performance.now();
    if (begun < notBefore || result.name === kept) return;
    try {
      await keepBinaryCopy(project, result);
      kept = result.name;
    } catch {
      // The backup is there.
    }
    const end = performance.now();
    notBefore = end + (end - begun) / SHARE;
  };
}
