import { markOfFolders } from '../folders/scan.ts';
import type { Project } from '../operations/project.ts';

/** To look at thousands of files takes a moment, so it is done the less often the longer it takes. */
const LEAST_MS = 5000;
const TIMES_AS_LONG = 100;

/** Notices changes of the files that are saved beside the rows. */
export interface FilesWatch {
  /** Whether anything changed since it was last asked; where it is not time to look yet, only `now` makes it look. It never throws. */
  changed(now?: 'now'): boolean;
}

export function watchFiles({ files: wanted }: Pick<Project, 'files'>, clock: () => number): FilesWatch {
  if (wanted === undefined) return { changed: () => false };
  let mark: string | undefined;
  let next = 0;
  return {
    changed(now) {
      const begun = clock();
      if (now === undefined && begun < next) return false;
      const before = mark;
      try {
        mark = markOfFolders(wanted);
      } catch {
        // A look is due, and the look says what is wrong.
        mark = undefined;
      }
      next = clock() + Math.max(LEAST_MS, (clock() - begun) * TIMES_AS_LONG);
      return mark === undefined || mark !== before;
    },
  };
}
