import type { Watch } from '../../engine.ts';
import { contentMark } from './content-mark.ts';
import { type Host, inOneMoment } from './host.ts';

/** Sums up every row where the rows are, which is less than to fetch them. How often is for whoever asks. */
export function watchContent(host: Host): Watch {
  let known: string | undefined;
  return {
    async changed() {
      try {
        const now = await inOneMoment(host, contentMark);
        const isChanged = now !== known;
        known = now;
        return isChanged;
      } catch {
        // It cannot be reached, or we may not look: a look is due, and the look says what is wrong.
        known = undefined;
        return true;
      }
    },
    close: async () => {},
  };
}
