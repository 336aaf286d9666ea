import { OWN_TRIGGERS } from '../core/triggers.ts';
import type { Project } from '../operations/project.ts';
import { prune } from '../operations/prune.ts';

const AFTER = 20;

/**
 * An app that writes all day makes a backup a minute: now and then those made by watching go, as retention says. Others stay, and
 * failing to tidy is no failure to save.
 */
export function thinOut(project: Project): () => Promise<void> {
  let made = 0;
  return async () => {
    if (++made < AFTER) return;
    made = 0;
    try {
      await prune(project, project.retention, false, ({ metadata }) => OWN_TRIGGERS.includes(metadata.origin.trigger));
    } catch {
      // The next time is soon enough.
    }
  };
}
