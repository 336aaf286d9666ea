import { type LeftOut, leftOutInWords } from '../../core/privacy/left-out.ts';
import { html, type Markup } from '../html.ts';

/** What backups do not hold, in a sentence; nothing where they hold everything. */
export function leftOutNote(leftOut: LeftOut, sentence: (words: string) => string): Markup | undefined {
  const words = leftOutInWords(leftOut);
  return words === undefined ? undefined : html`<p class="soft">${sentence(words)}</p>`;
}
