import {
  type Call,
  type Command,
  commandText,
  type Given,
  type Hint,
  type HintPiece,
  hintText,
  isCommand,
  settingText,
} from '../core/hint.ts';
import { html, type Piece } from './html.ts';
import type { View } from './layout.ts';
import type { Texts } from './texts/english.ts';
import { translated } from './texts/sentences.ts';

/** What a command does, as the panel offers it; undefined where it has to be typed. */
function buttonFor(t: Texts, call: Call): string | undefined {
  if (!('own' in call)) return undefined;
  const [first, ...others] = call.args;
  const isPlain = first === undefined;
  switch (call.own) {
    case 'backup':
      if (first === '--allow-shrink') return t.backUpAnyway;
      if (isPlain) return t.quoted(t.backUpNow);
      return first.startsWith('-') || others.length > 0 ? undefined : t.quoted(first);
    case 'restore':
      return isOfNewest(call.args) ? t.restoreNewest : undefined;
    case 'verify':
      return isPlain || (first === '--all' && others.length === 0) ? t.quoted(t.verifyAll) : undefined;
    case 'push':
      return t.quoted(t.copyNow);
    case 'prune':
      return first === '--dry-run' && others.length === 0 ? t.quoted(t.cleanUp) : undefined;
    case 'undo':
    case 'diff':
    case 'list':
    case 'snapshot':
    case 'snapshots':
    case 'export':
    case 'status':
      return isPlain ? t.quoted(t[BUTTONS[call.own]]) : undefined;
    default:
      return undefined;
  }
}

const BUTTONS = {
  undo: 'undo',
  diff: 'compareWithNow',
  list: 'timeline',
  snapshot: 'timeline',
  snapshots: 'timeline',
  export: 'exportNow',
  status: 'now',
} as const;

/** The panel is about one database, so naming it says nothing more. */
function isOfNewest(args: readonly string[]): boolean {
  const others = args[0] === 'latest' ? args.slice(1) : args;
  return others.length === 0 || (others[0] === '--db' && others.length === 2);
}

/**
 * What the library says to do next, for somebody who sees a web page: the button where there is one, and else where to type it. In the
 * reader's language where that has the sentence, and else as English that says so.
 */
export function hintFor({ t, program }: Pick<View, 't' | 'program'>, hint: Hint): Piece {
  let isSaidWhere = false;
  const inTerminal = (words: string) => {
    const where = isSaidWhere ? '' : ` ${t.inTerminal}`;
    isSaidWhere = true;
    return `${words}${where}`;
  };
  const commandFor = (command: Command) => {
    const [call, ...others] = command.calls;
    const button = call === undefined || others.length > 0 ? undefined : buttonFor(t, call);
    return button ?? inTerminal(`'${commandText(started(command, program))}'`);
  };
  const wordsFor = (piece: Exclude<HintPiece, Given>): string => {
    if (typeof piece === 'string') return piece;
    if (isCommand(piece)) return commandFor(piece);
    if ('configName' in piece) return piece.configName;
    if ('settings' in piece) return settingText(piece);
    switch (piece.panel) {
      case 'same':
        return hintText(piece.terminal);
      case 'typed':
        return inTerminal(hintText(piece.terminal));
      case 'nothing':
        return '';
      case 'try again':
        return t.tryAgain;
      case 'find an intact one':
        return t.findIntact;
    }
  };
  const pieces = withoutChoices(hint);
  const text = pieces.map((piece, at) => (typeof piece === 'string' ? piece.replace(SIGNS, '') : signOf(at))).join('');
  const other = translated(t.hints, text);
  const words = (other ?? text).replace(SIGNS, (sign) => wordsFor(pieces[sign.charCodeAt(0) - FIRST] ?? ''));
  const isEnglish = other === undefined && t.language !== 'en' && /[a-z]/i.test(text);
  return isEnglish ? html`<span lang="en">${words}</span>` : words;
}

/** In a sentence that is translated a sign stands for whatever is no words: another language has it elsewhere. */
const FIRST = 0xe000;
const SIGNS = /[\ue000-\uf8ff]/g;
const signOf = (at: number) => String.fromCharCode(FIRST + at);

const withoutChoices = (hint: Hint): Exclude<HintPiece, Given>[] =>
  hint.flatMap((piece) => (typeof piece === 'object' && 'given' in piece ? withoutChoices(piece.so) : [piece]));

const started = ({ calls }: Command, start: string): Command => ({
  calls: calls.map((call) => ('own' in call ? { ...call, start } : call)),
});

/** What a snapshot is called: what somebody typed is theirs, and stays. */
export const labelFor = ({ t }: Pick<View, 't'>, label: string): string => translated(t.labels, label) ?? label;
