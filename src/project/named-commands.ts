import { basename, relative } from 'node:path';
import { OverwinterError } from '../core/errors.ts';
import { withCommands } from '../core/hint.ts';
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
}

/**
 * The sentences are written for a project in its usual places. Where others were named, the commands in them must name them too,
 * or they would do something else than they promise. Returns what puts them into a sentence.
 */
export function namedCommands({ db, dir, cwd, folder, configFile, root }: Named): (sentence: string) => string {
  const from = relative(cwd, folder);
  const path = from.startsWith('..') ? folder : from || '.';
  const flags = Object.entries({ '--db': db, '--dir': dir }).filter((flag): flag is [string, string] =>
    Boolean(flag[1]),
  );
  const configuration = configFile === undefined ? ADVISED : nameOfConfig(configFile);
  let program: string | undefined;
  const start = () => {
    // Looked for only where a sentence names a command, which most calls never print.
    program ??= root === undefined ? 'overwinter' : startedIn(root);
    return program;
  };
  const ours = (command: string) => {
    const missing = flags.filter(([name]) => !command.includes(`${name} `));
    const [before = command, ...app] = command.split(' -- ');
    const named = [
      before.replace('overwinter', start),
      ...missing.map(([name, value]) => `${name} ${quoted(withoutSecrets(value))}`),
    ].join(' ');
    return [named, ...app].join(' -- ');
  };
  const named = (command: string) =>
    /^overwinter [a-z]/.test(command) ? ours(command) : command.replace(FOLDER, () => ` -- ${quoted(path)}`);
  return (sentence) => withCommands(sentence.replaceAll(ADVISED, configuration), named);
}

/** Where a command of git's names the folder for backups. */
const FOLDER = / -- backups(?=$| && )/g;

/** In the sentences stands the one that `init` would make. */
const ADVISED = 'overwinter.config.ts';

export const nameOfConfig = (file: string) =>
  basename(file) === 'package.json' ? '"overwinter" in package.json' : basename(file);

const quoted = (path: string) => (/^[\w@%+=:,./-]+$/.test(path) ? path : JSON.stringify(path));

/** The same error with the commands of its hint named so. */
export function withNamedCommands(error: unknown, name: (sentence: string) => string): unknown {
  if (!(error instanceof OverwinterError)) return error;
  const named = new OverwinterError(error.code, error.message, name(error.hint), error.cause, error.tables);
  if (error.stack !== undefined) named.stack = error.stack;
  return named;
}
