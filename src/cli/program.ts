import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { exitCodeOf } from '../core/errors.ts';
import type { Namer } from '../core/hint.ts';
import { withoutSecrets } from '../core/secrets.ts';
import { systemProblem } from '../core/system-problem.ts';
import type { Database } from '../engines/engine.ts';
import { projectRoot } from '../local/place.ts';
import { findConfigFile } from '../project/config-file.ts';
import { namedCommands, withNamedCommands } from '../project/named-commands.ts';
import { ownVersion } from '../project/own-package.ts';
import { startedIn } from '../project/package-manager.ts';
import { outputOf, type Terminal } from './command.ts';
import { commandsFor } from './commands.ts';
import { helpText } from './help.ts';
import { notUnderstood } from './not-understood.ts';
import { columnsOf, printed } from './output.ts';
import { errorDocument, errorLines } from './print-error.ts';

const USAGE_EXIT = 2;
/** Where help is not shown on a terminal. */
const HELP_COLUMNS = 80;

/** The program with the commands that the call needs: with all of them where `argv` names none. */
export async function createProgram(terminal: Terminal): Promise<Command> {
  const columns = columnsOf(terminal.out, terminal.env) ?? HELP_COLUMNS;
  const program = new Command('overwinter')
    .description("Keeps an app's data in its git repository: committing saves it, booting brings it back.")
    .version(ownVersion(), '-V, --version')
    .option('--db <target>', 'the database: a path, a URL or env:NAME (default: the one there is)')
    .option('--dir <folder>', 'the folder for backups (default: backups)')
    .option('--json', 'one JSON document on stdout')
    .option('--quiet', 'no words, only errors')
    .option('--no-color', 'no colours; NO_COLOR does the same')
    .option('--debug', 'with errors, show where they come from')
    .configureOutput({
      writeOut: (text) => void terminal.out.write(printed(helpText(text, columns), columns)),
      writeErr: (text) => void terminal.err.write(printed(helpText(text, columns), columns)),
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      // It is said below, as every other error is.
      outputError: () => {},
    })
    .configureHelp({
      minWidthToWrap: 20,
      // What a command takes, its own help says.
      subcommandTerm: (command) => [command.name(), ...command.aliases()].join('|'),
    })
    .exitOverride();
  for (const add of await commandsFor(terminal.argv)) add(program, terminal);
  // Global options are understood after the command too, where people write them.
  for (const command of program.commands) {
    command.exitOverride();
    for (const option of program.options) if (option.long !== '--version') command.addOption(option);
  }
  return program;
}

/** Runs the command line and sets the exit code. */
export async function main(given: Terminal): Promise<void> {
  const opened: Database[] = [];
  try {
    await runProgram({ ...given, onOpened: (database) => void opened.push(database) });
  } finally {
    // A process that is connected does not end.
    await Promise.allSettled(opened.map((database) => database.close()));
  }
}

async function runProgram(terminal: Terminal): Promise<void> {
  const program = await createProgram(terminal);
  try {
    mustKnow(program, terminal.argv);
    await program.parseAsync([...terminal.argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : USAGE_EXIT;
      const isHelp = /^commander\.(help|version)/.test(error.code);
      if (!isHelp)
        printError(terminal, notUnderstood(program, terminal.argv, error, startedIn(projectRoot(terminal.cwd))));
    } else {
      const problem = withNamedCommands(systemProblem(error), namedAnywhere(terminal.cwd));
      process.exitCode = exitCodeOf(problem);
      printError(terminal, problem);
    }
  }
}

/** Of a word that is none of its commands the library shows all of the help, where help is asked for. */
function mustKnow(program: Command, argv: readonly string[]): void {
  const { operands } = program.parseOptions([...argv]);
  const word = operands[0] === 'help' ? operands[1] : operands[0];
  const isKnown = (each: Command) => each.name() === word || each.aliases().includes(word ?? '');
  if (word === undefined || word === 'help' || program.commands.some(isKnown)) return;
  throw new CommanderError(USAGE_EXIT, 'commander.unknownCommand', `error: unknown command '${word}'`);
}

/** What fails before a project is open has no names but the usual ones. */
function namedAnywhere(cwd: string): Namer {
  const root = projectRoot(cwd);
  return namedCommands({ cwd, folder: join(root, 'backups'), configFile: configFileIn(root), root });
}

/** One that cannot even be looked for is what the error is about. */
function configFileIn(root: string): string | undefined {
  try {
    return findConfigFile(root);
  } catch {
    return undefined;
  }
}

function printError(terminal: Terminal, error: unknown): void {
  const json = terminal.argv.includes('--json');
  const output = outputOf(terminal, { json, color: !terminal.argv.includes('--no-color') });
  if (json) output.result(errorDocument(error), '');
  else output.complain(errorLines(error, output));
  if (terminal.argv.includes('--debug')) terminal.err.write(`${printed(withoutSecrets(describe(error)))}\n`);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
