import { basename, relative } from 'node:path';
import { OverwinterError } from '../core/errors.ts';
import { type Argument, type Call, type Namer, type OwnCall, withChanges } from '../core/hint.ts';
import { withoutSecrets } from '../core/secrets.ts';
import { startedIn } from './package-manager.ts';

/** What somebody named, as they named it, and the folder that came of it. */
export interface Named {
  readonly db?: string | undefined;
  readonly dir?: string | undefined;
  readonly cwd: string;
  readonly folder: string;
  /** The configuration that the project has. */
  readonly configFile?: string | undefined;
  /** The folder of the project, which says how its Overwinter is started. */
  readonly root?: string | undefined;
  /** How it is started, where that is known. */
  readonly start?: string;
}

/**
 * Hints are written for a project in its usual places. Where others were named, the commands in them must name them too, or they would do
 * something else than they promise. Returns what puts them into a hint.
 */
export function namedCommands({ db, dir, cwd, folder, configFile, root, start }: Named): Namer {
  const from = relative(cwd, folder);
  const path = from.startsWith('..') ? folder : from || '.';
  const flags = Object.entries({ '--db': db, '--dir': dir }).filter((flag): flag is [string, string] =>
    Boolean(flag[1]),
  );
  let starts = start;
  const started = (): string => {
    // Looked for only where a hint names a command, which most calls never print.
    starts ??= root === undefined ? 'overwinter' : startedIn(root);
    return starts;
  };
  const ours = ({ own, args }: OwnCall): OwnCall => {
    const missing = flags
      .filter(([name]) => !args.includes(name))
      .flatMap(([name, value]) => [name, withoutSecrets(value)]);
    // What stands behind the dashes is another program's.
    const end = args.includes('--') ? args.indexOf('--') : args.length;
    return { own, args: [...args.slice(0, end), ...missing, ...args.slice(end)], start: started() };
  };
  const there = (argument: Argument): Argument =>
    typeof argument === 'string' ? argument : [path, argument.backups].filter((each) => each !== '').join('/');
  const call = (each: Call): Call => {
    if ('own' in each) return ours(each);
    return 'shell' in each ? each : { ...each, args: each.args.map(there) };
  };
  const changes = { call, ...(configFile === undefined ? {} : { configName: nameOfConfig(configFile) }) };
  return (hint) => withChanges(hint, changes);
}

export const nameOfConfig = (file: string) =>
  basename(file) === 'package.json' ? '"overwinter" in package.json' : basename(file);

/** The same error with the commands of its hint named so. */
export function withNamedCommands(error: unknown, name: Namer): unknown {
  if (!(error instanceof OverwinterError)) return error;
  const named = new OverwinterError(error.code, error.message, name(error.hintPieces), error.cause, error.tables);
  if (error.stack !== undefined) named.stack = error.stack;
  return named;
}
