import { drillsOf } from '../local/drills.ts';
import { openBackup } from '../operations/catalog.ts';
import type { Project } from '../operations/project.ts';
import { type Verified, verify } from '../operations/verify.ts';

/** Drills take at most this share of the time. */
const SHARE = 0.01;

export interface Drills {
  /** Tries the newest backup if nobody did and it is time for it. No backup waits for it, and it never throws. */
  maybe(name: string): Promise<void>;
  isAtWork(): boolean;
  /** The app is ending: whatever is being tried is let be. */
  stop(): void;
}

/**
 * Restores the newest backup into scratch now and then: an app that nobody looks after has nobody to type 'verify'. What comes of it
 * is remembered, and 'status' tells it.
 */
export function drillNowAndThen(
  project: Project,
  onDrilled: (results: readonly Verified[]) => void = () => {},
): Drills {
  let notBefore = 0;
  let running = false;
  let isOver = false;

  const drill = async (name: string): Promise<void> => {
    const begun = performance.now();
    const opened = await openBackup(project.store, name);
    if (drillsOf(project.local, project.store.id)[opened.digest] !== undefined) return;
    const results = await verify(project, { name }, () => {
      if (isOver) throw new Error('the app is ending');
    });
    onDrilled(results);
    const end = performance.now();
    notBefore = end + (end - begun) / SHARE;
  };

  return {
    async maybe(name) {
      if (running || isOver || performance.now() < notBefore) return;
      running = true;
      // The next is soon enough.
      await drill(name).catch(() => {});
      running = false;
    },
    isAtWork: () => running,
    stop() {
      isOver = true;
    },
  };
}
