import { COMMAND_NAMES } from './command-names.ts';
import {
  type Argument,
  type Call,
  type Circumstance,
  type Hint,
  type HintPiece,
  hint,
  type InPanel,
  type SettingValue,
} from './hint.ts';

/** A hint that was kept as JSON. Undefined where it is none: another version may have written something else. */
export function hintIn(value: unknown): Hint | undefined {
  if (!Array.isArray(value)) return undefined;
  const pieces = value.map(pieceIn);
  return pieces.every((piece) => piece !== undefined) ? hint`${pieces}` : undefined;
}

function pieceIn(value: unknown): HintPiece | undefined {
  if (typeof value === 'string') return value;
  const { calls, regardless, configName, settings, inJson, given, so, otherwise, terminal, panel } = record(value);
  if (typeof configName === 'string') return { configName };
  if (settings !== undefined) return settingsIn(settings, inJson === true);
  const circumstance = CIRCUMSTANCES.find((each) => each === given);
  const [isSo, isNot] = [hintIn(so), hintIn(otherwise)];
  if (circumstance !== undefined && isSo !== undefined && isNot !== undefined)
    return { given: circumstance, so: isSo, otherwise: isNot };
  const inside = hintIn(terminal);
  const inPanel = IN_PANEL.find((each) => each === panel);
  if (inside !== undefined && inPanel !== undefined) return { terminal: inside, panel: inPanel };
  const known = Array.isArray(calls) ? calls.map(callIn) : [undefined];
  if (!known.every((call) => call !== undefined)) return undefined;
  return regardless === true ? { calls: known, regardless } : { calls: known };
}

function settingsIn(value: unknown, inJson: boolean): HintPiece | undefined {
  if (!isSetting(value) || typeof value !== 'object' || value === null || isList(value)) return undefined;
  return inJson ? { settings: value, inJson } : { settings: value };
}

function isSetting(value: unknown): value is SettingValue {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  return typeof value === 'object' && Object.values(value).every(isSetting);
}

const isList = (value: SettingValue): value is readonly SettingValue[] => Array.isArray(value);

const CIRCUMSTANCES: readonly Circumstance[] = ['committed', 'saved', 'database'];

const IN_PANEL: readonly InPanel[] = ['same', 'typed', 'nothing', 'try again', 'find an intact one'];

function callIn(value: unknown): Call | undefined {
  const { own, program, shell, args } = record(value);
  if (typeof shell === 'string') return { shell };
  if (!Array.isArray(args)) return undefined;
  const command = COMMAND_NAMES.find((name) => name === own);
  if (command !== undefined) return args.every((each) => typeof each === 'string') ? { own: command, args } : undefined;
  const words = args.map(argumentIn);
  if (typeof program !== 'string' || !words.every((word) => word !== undefined)) return undefined;
  return { program, args: words };
}

function argumentIn(value: unknown): Argument | undefined {
  if (typeof value === 'string') return value;
  const { backups } = record(value);
  return typeof backups === 'string' ? { backups } : undefined;
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
