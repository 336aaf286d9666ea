import {
  type Call,
  type Command,
  commandText,
  type Hint,
  type HintPiece,
  hintText,
  isCommand,
  settingText,
} from '../core/hint.ts';
import type { View } from './layout.ts';
import type { Texts } from './texts/english.ts';

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

/** What the library says to do next, for somebody who sees a web page: the button where there is one, and else where to type it. */
export function hintFor({ t, program }: Pick<View, 't' | 'program'>, hint: Hint): string {
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
  const wordsFor = (piece: HintPiece): string => {
    if (typeof piece === 'string') return piece;
    if (isCommand(piece)) return commandFor(piece);
    if ('configName' in piece) return piece.configName;
    if ('settings' in piece) return settingText(piece);
    if ('given' in piece) return piece.so.map(wordsFor).join('');
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
  return hint.map(wordsFor).join('');
}

const started = ({ calls }: Command, start: string): Command => ({
  calls: calls.map((call) => ('own' in call ? { ...call, start } : call)),
});
