import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative } from 'node:path';
import type { Environment } from '../core/config.ts';
import { OverwinterError } from '../core/errors.ts';
import { type Argument, type Call, type Circumstance, type Namer, type OwnCall, withChanges } from '../core/hint.ts';
import { withoutSecrets } from '../core/secrets.ts';
import { isTracked } from '../local/tracked.ts';
import { isOfTypeScript, startedIn } from './package-manager.ts';

/** What somebody named, as they named it, and the folder that came of it. */
export interface Named {
  readonly db?: string | undefined;
  readonly dir?: string | undefined;
  /** Another place than the folder that the call looks into. */
  readonly store?: string | undefined;
  readonly cwd: string;
  readonly folder: string;
  /** The configuration that the project has. */
  readonly configFile?: string | undefined;
  /** The folder of the project, which says how its Overwinter is started. */
  readonly root?: string | undefined;
  /** How it is started, where that is known. */
  readonly start?: string;
  /** The database is no file: then what is restored beside it is another database, and none can be named for it. */
  readonly isNoFile?: boolean;
  /** Where the database is, where that is a path. */
  readonly file?: string | undefined;
  readonly env?: Environment;
}

/**
 * Hints are written for a project in its usual places. Where others were named, the commands in them must name them too, or they would do
 * something else than they promise. Returns what puts them into a hint.
 */
export function namedCommands({
  db,
  dir,
  store,
  cwd,
  folder,
  configFile,
  root,
  start,
  isNoFile = false,
  file,
  env = {},
}: Named): Namer {
  const from = relative(cwd, folder);
  const path = from.startsWith('..') ? folder : from || '.';
  const isNamed = (flag: [string, string | undefined]): flag is [string, string] => Boolean(flag[1]);
  const flags = Object.entries({ '--db': db, '--dir': dir }).filter(isNamed);
  const ofStore = Object.entries({ '--store': store }).filter(isNamed);
  let starts = start;
  const started = (): string => {
    // Looked for only where a hint names a command, which most calls never print.
    starts ??= root === undefined ? 'overwinter' : startedIn(root);
    return starts;
  };
  const ours = ({ own, args: given, start: known }: OwnCall): OwnCall => {
    const args = isNoFile && own === 'restore' ? besideNoFile(given) : given;
    const missing = [...flags, ...(LOOK_INTO_STORES.includes(own) ? ofStore : [])]
      .filter(([name]) => !args.includes(name))
      .flatMap(([name, value]) => [name, withoutPassword(name, value, env)]);
    // What stands behind the dashes is another program's.
    const end = args.includes('--') ? args.indexOf('--') : args.length;
    return { own, args: [...args.slice(0, end), ...missing, ...args.slice(end)], start: known ?? started() };
  };
  const there = (argument: Argument): Argument =>
    typeof argument === 'string' ? argument : [path, argument.backups].filter((each) => each !== '').join('/');
  const call = (each: Call): Call => {
    if ('own' in each) return ours(each);
    if ('shell' in each) return each;
    const args = each.args.map(there);
    return { ...each, args: LOOKS.includes(each.program) ? args.map(asFarAsThere) : args };
  };
  const holds = (circumstance: Circumstance): boolean => {
    if (circumstance === 'committed') return isTracked(folder);
    if (circumstance === 'saved') return hasManifest(folder);
    return file === undefined || existsSync(file);
  };
  const configName = configFile === undefined ? root && usualConfig(root) : nameOfConfig(configFile);
  const changes = { call, holds, ...(configName === undefined ? {} : { configName }) };
  return (hint) => withChanges(hint, changes);
}

/** A password is repeated nowhere: in its place stands the variable that has the same address, or a word to be replaced by it. */
function withoutPassword(flag: string, value: string, env: Environment): string {
  const shown = withoutSecrets(value);
  if (shown === value) return value;
  const variable = Object.keys(env).find((name) => env[name] === value && /^\w+$/.test(name));
  return flag === '--db' && variable !== undefined ? `env:${variable}` : shown.replaceAll('***', 'PASSWORD');
}

function hasManifest(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.endsWith('.json'));
  } catch {
    return false;
  }
}

/** Beside a file there is another one; beside what is none, a database that is empty. */
function besideNoFile(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--to');
  return at < 0 ? args : [...args.slice(0, at), '--to', 'TARGET', ...args.slice(at + 2)];
}

/** Those that look into another place where one is named. */
const LOOK_INTO_STORES: readonly string[] = [
  'list',
  'restore',
  'auto-restore',
  'verify',
  'diff',
  'log',
  'prune',
  'status',
];

/** They say of a path that is not there no more than that. */
const LOOKS = ['ls', 'df'];

function asFarAsThere(argument: Argument): Argument {
  if (typeof argument !== 'string' || !isAbsolute(argument) || existsSync(argument)) return argument;
  return asFarAsThere(dirname(argument));
}

/** What `init` would call the configuration of a project that has none. */
const usualConfig = (root: string) => (isOfTypeScript(root) ? 'overwinter.config.ts' : 'overwinter.config.json');

export const nameOfConfig = (file: string) =>
  basename(file) === 'package.json' ? '"overwinter" in package.json' : basename(file);

/** The same error with the commands of its hint named so. */
export function withNamedCommands(error: unknown, name: Namer): unknown {
  if (!(error instanceof OverwinterError)) return error;
  const named = new OverwinterError(error.code, error.message, name(error.hintPieces), error.cause, error.tables);
  if (error.stack !== undefined) named.stack = error.stack;
  return named;
}
