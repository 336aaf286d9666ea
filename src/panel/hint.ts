import type { Texts } from './texts.ts';

/** What a command does, as the panel offers it. */
const BUTTONS: readonly (readonly [command: RegExp, words: (t: Texts, name: string) => string])[] = [
  [/'overwinter restore latest' uses the newest intact backup/g, (t) => t.findIntact],
  [/'overwinter backup --allow-shrink[^']*'/g, (t) => t.backUpAnyway],
  [/'overwinter backup ([^-' ][^' ]*)'/g, (_t, name) => `‘${name}’`],
  [/'overwinter backup'/g, (t) => `‘${t.backUpNow}’`],
  [/'overwinter restore(?: latest)?(?: --db [^']+)?'/g, (t) => t.restoreNewest],
  [/'overwinter undo'/g, (t) => `‘${t.undo}’`],
  [/'overwinter verify(?: --all)?'/g, (t) => `‘${t.verifyAll}’`],
  [/'overwinter diff'/g, (t) => `‘${t.compare}’`],
  [/'overwinter list'/g, (t) => `‘${t.backups}’`],
  [/'overwinter snapshots?'/g, (t) => `‘${t.snapshots}’`],
  [/'overwinter prune --dry-run'/g, (t) => `‘${t.cleanUp}’`],
  [/'overwinter export'/g, (t) => `‘${t.exportTitle}’`],
  [/'overwinter status'/g, (t) => `‘${t.overview}’`],
  [/run (?:the command|it) again/g, (t) => t.tryAgain],
  [/, or name another with --db/g, () => ''],
];

const FOR_A_TERMINAL = /'(?:overwinter|git|npm|ls|sqlite3|gh|which) [^']*'|'--debug'/;

/** What the library says to do next, for somebody who sees a web page: the button where there is one, and else where to type it. */
export function hintFor(t: Texts, hint: string): string {
  // Where the panel itself cannot, the command line it is.
  if (/the command line: '/.test(hint)) return hint;
  const words = BUTTONS.reduce(
    (text, [command, button]) => text.replace(command, (_whole, name: unknown) => button(t, String(name))),
    hint,
  );
  return words.replace(FOR_A_TERMINAL, (command) => `${command} ${t.inTerminal}`);
}
