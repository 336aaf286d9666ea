import type { Command, Option } from 'commander';

/** One command as completions and the manual page show it. */
export interface CommandWords {
  /** What is typed before its options: `['hook', 'pre-commit']`; empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly usage: string;
  readonly options: readonly OptionWords[];
  /** Names of the commands under it. */
  readonly commands: readonly string[];
  /** What `--help` says below the options. */
  readonly more: string;
}

export interface OptionWords {
  readonly flags: string;
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
}

/** The program and every command under it, read from commander, so that nothing is said twice. */
export function wordsOfProgram(program: Command): readonly CommandWords[] {
  const walk = (command: Command, path: readonly string[]): CommandWords[] => [
    wordsOf(command, path),
    ...command.commands.flatMap((each) => walk(each, [...path, each.name()])),
  ];
  return walk(program, []);
}

function wordsOf(command: Command, path: readonly string[]): CommandWords {
  const help = command.createHelp();
  return {
    path,
    description: command.description(),
    usage: help.commandUsage(command),
    options: help.visibleOptions(command).map(optionWords),
    commands: command.commands.map((each) => each.name()),
    more: afterHelp(command),
  };
}

const optionWords = ({ flags, short, long, description, required, optional }: Option): OptionWords => ({
  flags,
  names: [short, long].filter((name) => name !== undefined),
  description,
  takesValue: required || optional,
});

/** What `addHelpText` added, which commander hands out only as part of a whole help. */
function afterHelp(command: Command): string {
  let written = '';
  const { writeOut } = command.configureOutput();
  command.configureOutput({ writeOut: (text) => (written += text) });
  command.outputHelp();
  command.configureOutput(writeOut === undefined ? {} : { writeOut });
  return written.replace(command.helpInformation(), '').trim();
}
