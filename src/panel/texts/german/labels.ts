import type { Sentences } from '../sentences.ts';

/** What the library calls the snapshots that it takes by itself. */
export const labels: Sentences = {
  'before restoring rows of {1} from {2}': 'vor dem Zurückholen von Zeilen ({1}) aus {2}',
  'before restoring {1}': 'vor dem Wiederherstellen von {1}',
  'before undoing to {1}': 'vor dem Schritt zurück zu {1}',
  'before clearing {1}': 'vor dem Leeren von {1}',
};
