import { piecesOf } from '../core/hint.ts';
import type { View } from './layout.ts';
import type { Texts } from './texts.ts';

/** What a command does, as the panel offers it. */
const BUTTONS: readonly (readonly [command: RegExp, words: (t: Texts, name: string) => string])[] = [
  [/^overwinter backup --allow-shrink/, (t) => t.backUpAnyway],
  [/^overwinter backup ([^- ][^ ]*)$/, (_t, name) => `‘${name}’`],
  [/^overwinter backup$/, (t) => `‘${t.backUpNow}’`],
  [/^overwinter restore( latest)?( --db .+)?$/, (t) => t.restoreNewest],
  [/^overwinter undo$/, (t) => `‘${t.undo}’`],
  [/^overwinter verify( --all)?$/, (t) => `‘${t.verifyAll}’`],
  [/^overwinter diff$/, (t) => `‘${t.compareWithNow}’`],
  [/^overwinter list$/, (t) => `‘${t.timeline}’`],
  [/^overwinter snapshots?$/, (t) => `‘${t.timeline}’`],
  [/^overwinter prune --dry-run$/, (t) => `‘${t.cleanUp}’`],
  [/^overwinter export$/, (t) => `‘${t.exportTitle}’`],
  [/^overwinter status$/, (t) => `‘${t.overview}’`],
];

/** What the library says to do next, for somebody who sees a web page: the button where there is one, and else where to type it. */
export function hintFor({ t, program }: Pick<View, 't' | 'program'>, hint: string): string {
  // Where the panel itself cannot, the command line it is.
  if (/the command line: '/.test(hint)) return hint;
  let isSaidWhere = false;
  const inTerminal = (words: string) => {
    const where = isSaidWhere ? '' : ` ${t.inTerminal}`;
    isSaidWhere = true;
    return `${words}${where}`;
  };
  return piecesOf(hint.replace("'overwinter restore latest' uses the newest intact backup", t.findIntact))
    .map((piece) => {
      if ('text' in piece) return wordsFor(t, piece.text).replace(/'--debug'/, inTerminal);
      return buttonFor(t, piece.command) ?? inTerminal(`'${piece.command.replace(/^overwinter(?= )/, () => program)}'`);
    })
    .join('');
}

const wordsFor = (t: Texts, text: string) =>
  text.replace(/run (?:the command|it) again/g, t.tryAgain).replaceAll(', or name another with --db', '');

function buttonFor(t: Texts, command: string): string | undefined {
  for (const [pattern, words] of BUTTONS) {
    const found = pattern.exec(command);
    if (found !== null) return words(t, found[1] ?? '');
  }
  return undefined;
}
