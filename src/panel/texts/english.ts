import { browse } from './english/browse.ts';
import { compare } from './english/compare.ts';
import { frame } from './english/frame.ts';
import { jobs } from './english/jobs.ts';
import { now } from './english/now.ts';
import { problems } from './english/problems.ts';
import { restore } from './english/restore.ts';
import { timeline } from './english/timeline.ts';

/** Every word of the panel's own. What else goes wrong is said by the library, in English, behind the panel's sentence for it. */
export const english = {
  ...frame,
  ...now,
  ...timeline,
  ...browse,
  ...restore,
  ...compare,
  ...jobs,
  ...problems,
};

/**
 * The panel's words.
 * @example
 * ```ts
 * import type { PanelTexts } from 'overwinter';
 * export const french: Partial<PanelTexts> = { language: 'fr', title: 'Données et sauvegardes' };
 * ```
 */
export type Texts = typeof english;
