import type { CommandName } from './command-names.ts';
import { asConfigText, asJsonText } from './config.ts';
import { shellWord } from './shell-word.ts';

/**
 * What somebody is told to do next, as data: words, and commands that can be run as they stand. Whoever shows it says how: a terminal
 * puts commands in quotes, the panel has buttons for some. It crosses threads and lies in files, so it is plain.
 * @example
 * ```ts
 * import type { Hint } from 'overwinter';
 * export const commandsOf = (hint: Hint) => hint.filter((piece) => typeof piece === 'object' && 'calls' in piece);
 * ```
 */
export type Hint = readonly HintPiece[];

export type HintPiece = string | Command | ConfigName | Settings | Given | ForTerminal;

/** Several calls are made one after another, each if the one before it succeeded, or `regardless` of that. */
export interface Command {
  readonly calls: readonly Call[];
  readonly regardless?: true;
}

export type Call = OwnCall | OtherCall | ShellCall;

/** A command of Overwinter's. `start` is what starts it here, where that is known: `npx overwinter`. */
export interface OwnCall {
  readonly own: CommandName;
  readonly args: readonly string[];
  readonly start?: string;
}

export interface OtherCall {
  readonly program: string;
  readonly args: readonly Argument[];
}

/** What needs a shell to be understood. */
export interface ShellCall {
  readonly shell: string;
}

/** `backups` is a path in the folder for backups, wherever that is. */
export type Argument = string | { readonly backups: string };

/** The project's configuration file. */
export interface ConfigName {
  readonly configName: string;
}

/** What to write there, by the names of settings. In JSON where the configuration is. */
export interface Settings {
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly inJson?: true;
}

export type SettingValue =
  | string
  | number
  | boolean
  | null
  | readonly SettingValue[]
  | { readonly [name: string]: SettingValue };

/** What is said where the project is such, as whoever shows the hint finds out, and what where it is not. */
export interface Given {
  readonly given: Circumstance;
  readonly so: Hint;
  readonly otherwise: Hint;
}

/** Git has backups of the folder; the folder has one; the database is there. */
export type Circumstance = 'committed' | 'saved' | 'database';

/** What is said to somebody at a terminal, and what becomes of it in the panel. */
export interface ForTerminal {
  readonly terminal: Hint;
  readonly panel: InPanel;
}

/** `same`: as it is. `typed`: that this is for a terminal is said with it. The others have words of their own. */
export type InPanel = 'same' | 'typed' | 'nothing' | 'try again' | 'find an intact one';

/** Makes a hint of a sentence: hint`See ${overwinter('status')}, then ${git('push')}.` */
export function hint(words: TemplateStringsArray, ...values: readonly (HintPiece | Hint | number)[]): Hint {
  return joined(words.flatMap((text, at) => [text, ...piecesOf(values[at])]));
}

const piecesOf = (value: HintPiece | Hint | number | undefined): Hint => {
  if (value === undefined) return [];
  if (typeof value === 'number') return [String(value)];
  return isHint(value) ? value : [value];
};

const isHint = (value: HintPiece | Hint): value is Hint => Array.isArray(value);

/** Words beside words are one piece. */
function joined(pieces: Hint): Hint {
  const all: HintPiece[] = [];
  for (const piece of pieces) {
    const before = all.at(-1);
    if (piece === '') continue;
    if (typeof piece === 'string' && typeof before === 'string') all.splice(-1, 1, before + piece);
    else all.push(piece);
  }
  return all;
}

/** A command of ours: `overwinter('restore', 'latest', '--db', path)`. */
export const overwinter = (own: CommandName, ...args: readonly string[]): Command => ({ calls: [{ own, args }] });

/** Another program's. */
export const program = (name: string, ...args: readonly Argument[]): Command => ({ calls: [{ program: name, args }] });

export const git = (...args: readonly Argument[]): Command => program('git', ...args);

/** What needs a shell; the words that are put into it are quoted: shell`psql "$DATABASE_URL" -c ${sql}` */
export const shell = (words: TemplateStringsArray, ...values: readonly string[]): Command => ({
  calls: [{ shell: words.map((text, at) => text + (values[at] === undefined ? '' : shellWord(values[at]))).join('') }],
});

/** Each if the one before it succeeded. */
export const inTurn = (...commands: readonly Command[]): Command => ({ calls: commands.flatMap(({ calls }) => calls) });

/** Each whatever became of the one before it. */
export const inAnyCase = (...commands: readonly Command[]): Command => ({ ...inTurn(...commands), regardless: true });

/** The same in another folder, and in this one again afterwards. */
export const inFolder = (folder: string, command: Command): Command => ({
  calls: [{ shell: `(cd ${shellWord(folder)} && ${commandText(command)})` }],
});

/** The folder for backups in a command of another program's. */
export const BACKUPS: Argument = { backups: '' };

/** The configuration as `init` would make it, until somebody knows what it is called here. */
export const CONFIG: ConfigName = { configName: 'overwinter.config.ts' };

/** Lines for the configuration: setting({ exclude: { sessions: 'rows' } }) */
export const setting = (settings: Settings['settings']): Settings => ({ settings });

/** Lines for the configuration as they are written there: `exclude: { sessions: 'rows' }`, or the same in JSON. */
export const settingText = ({ settings, inJson }: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => (inJson === true ? `"${name}": ${asJsonText(value)}` : `${name}: ${asConfigText(value)}`))
    .join(', ');

/** Words that are right where the project is such, and others for where it is not. Where nobody looks, it is taken to be. */
export const given = (circumstance: Circumstance, so: Hint, otherwise: Hint | Given): Given => ({
  given: circumstance,
  so,
  otherwise: 'given' in otherwise ? [otherwise] : otherwise,
});

export const forTerminal = (terminal: Hint, panel: InPanel): ForTerminal => ({ terminal, panel });

/** An option that every command has. */
export const DEBUG = forTerminal(["'--debug'"], 'typed');

export const again = (words: 'run it again' | 'run the command again'): ForTerminal =>
  forTerminal([words], 'try again');

export const isCommand = (piece: HintPiece): piece is Command => typeof piece === 'object' && 'calls' in piece;

/** Puts what was named in a call into the commands of a hint. */
export type Namer = (hint: Hint) => Hint;

/** The hint as a sentence. */
export function hintText(pieces: Hint): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      if (isCommand(piece)) return `'${commandText(piece)}'`;
      if ('settings' in piece) return settingText(piece);
      if ('given' in piece) return hintText(piece.so);
      return 'configName' in piece ? piece.configName : hintText(piece.terminal);
    })
    .join('');
}

/** A command as it is typed. */
export const commandText = ({ calls, regardless }: Command): string =>
  calls.map(callText).join(regardless === true ? '; ' : ' && ');

function callText(call: Call): string {
  if ('shell' in call) return call.shell;
  if ('own' in call) return [call.start ?? 'overwinter', call.own, ...call.args.map(shellWord)].join(' ');
  return [
    call.program,
    ...call.args.map((each) => shellWord(typeof each === 'string' ? each : pathInBackups(each))),
  ].join(' ');
}

const pathInBackups = ({ backups }: { readonly backups: string }) =>
  backups === '' ? 'backups' : `backups/${backups}`;

/** The commands of a hint, in order, as they are typed. */
export function commandsOf(pieces: Hint): readonly string[] {
  return pieces.flatMap((piece) => {
    if (typeof piece === 'string' || 'configName' in piece || 'settings' in piece) return [];
    if ('given' in piece) return commandsOf(piece.so);
    return isCommand(piece) ? [commandText(piece)] : commandsOf(piece.terminal);
  });
}

interface Change {
  readonly call?: (call: Call) => Call;
  /** Asked where it decides what is said. */
  readonly holds?: (circumstance: Circumstance) => boolean;
  readonly configName?: string;
}

/** The hint with other calls in it, or another name of the configuration. */
export function withChanges(pieces: Hint, change: Change): Hint {
  return pieces.flatMap((piece): Hint | HintPiece => {
    if (typeof piece === 'string') return piece;
    if (isCommand(piece)) return { ...piece, calls: piece.calls.map(change.call ?? ((call) => call)) };
    if ('given' in piece)
      return withChanges(change.holds?.(piece.given) === false ? piece.otherwise : piece.so, change);
    if ('configName' in piece) return { configName: change.configName ?? piece.configName };
    if ('settings' in piece) return isOfJson(change.configName) ? { ...piece, inJson: true } : piece;
    return { ...piece, terminal: withChanges(piece.terminal, change) };
  });
}

/** Of a configuration, by its name: in JSON, or in `package.json`. */
const isOfJson = (configName: string | undefined) => configName?.endsWith('.json') === true;

/** The hint with every text in it changed: words, arguments, names. */
export function withTexts(pieces: Hint, change: (text: string) => string): Hint {
  const inCall = (call: Call): Call => {
    if ('shell' in call) return { shell: change(call.shell) };
    if ('own' in call) return { ...call, args: call.args.map(change) };
    return {
      program: change(call.program),
      args: call.args.map((each) => (typeof each === 'string' ? change(each) : { backups: change(each.backups) })),
    };
  };
  return pieces.map((piece) => {
    if (typeof piece === 'string') return change(piece);
    if (isCommand(piece)) return { ...piece, calls: piece.calls.map(inCall) };
    if ('configName' in piece) return { configName: change(piece.configName) };
    if ('settings' in piece) return { ...piece, settings: settingsWith(piece.settings, change) };
    if ('given' in piece)
      return { ...piece, so: withTexts(piece.so, change), otherwise: withTexts(piece.otherwise, change) };
    return { ...piece, terminal: withTexts(piece.terminal, change) };
  });
}

const settingsWith = (settings: Settings['settings'], change: (text: string) => string): Settings['settings'] =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [change(name), valueWith(value, change)]));

function valueWith(value: SettingValue, change: (text: string) => string): SettingValue {
  if (typeof value === 'string') return change(value);
  if (isList(value)) return value.map((each) => valueWith(each, change));
  return typeof value === 'object' && value !== null ? settingsWith(value, change) : value;
}

const isList = (value: SettingValue): value is readonly SettingValue[] => Array.isArray(value);
