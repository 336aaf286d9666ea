import type { Command } from 'commander';
import type { Config } from '../core/config.ts';
import { namedCommands, withNamedCommands } from '../project/named-commands.ts';
import { type Needs, type OpenedProject, openProject, type World } from '../project/open-project.ts';
import { createOutput, type Output, type Streams } from './output.ts';

/** Everything a command runs in. Tests and `main` put in theirs. */
export interface Terminal extends World, Streams {
  /** Called once with what the command could be remembered by; see `local/unchanged.ts`. */
  readonly argv: readonly string[];
}

export interface Invocation extends Pick<OpenedProject, 'project' | 'root' | 'configFile' | 'which'> {
  readonly output: Output;
  readonly terminal: Terminal;
  /** Puts the names of this call into the commands of a sentence that does not go through `output.say`. */
  readonly name: (sentence: string) => string;
}

interface GlobalOptions {
  readonly db?: string;
  readonly dir?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** Opens the project as the global options say and runs `work` in it; what it returns is the exit code. */
export async function invoke(
  terminal: Terminal,
  command: Command,
  work: (invocation: Invocation) => Promise<number | undefined>,
  /** What holds where the flags say nothing. */
  defaults: Config = {},
  needs: Needs = {},
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const flags: Config = {
    ...defaults,
    ...(options.db === undefined ? {} : { db: options.db }),
    ...(options.dir === undefined ? {} : { dir: options.dir }),
  };
  const opened = await openProject(terminal, flags, needs);
  const name = namedCommands({ ...options, cwd: terminal.cwd, folder: opened.project.store.label });
  const output = outputOf(terminal, options, name);
  try {
    process.exitCode = (await work({ ...opened, output, terminal, name })) ?? 0;
  } catch (error) {
    throw withNamedCommands(error, name);
  } finally {
    output.done();
  }
}

export function outputOf(terminal: Terminal, options: GlobalOptions, name?: (sentence: string) => string): Output {
  const plain = options.color === false || (terminal.env.NO_COLOR ?? '') !== '' || terminal.env.TERM === 'dumb';
  return createOutput(
    {
      json: options.json === true,
      quiet: options.quiet === true,
      color: !plain && terminal.out.isTTY === true,
      ...(name === undefined ? {} : { name }),
    },
    terminal,
  );
}
