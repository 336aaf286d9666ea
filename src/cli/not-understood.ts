import type { Command, CommanderError } from 'commander';
import type { OverwinterError } from '../core/errors.ts';
import { hint, program } from '../core/hint.ts';
import { nearest } from '../core/nearest.ts';
import { usage } from '../core/problems/usage.ts';
import { usageWords } from './usage-words.ts';

/** What a call says that no command takes, in the words of every other error, and what was probably meant. */
export function notUnderstood(
  ours: Command,
  argv: readonly string[],
  error: CommanderError,
  start: string,
): OverwinterError {
  const typed = (command: Command, ...words: readonly string[]) => typedWith(start, command, words);
  const command = commandOf(ours, argv);
  const [line = ''] = error.message.replace(/^error: /, '').split('\n', 1);
  const [, kind, word = ''] = /unknown (option|command) '([^']+)'/.exec(line) ?? [];
  const meant =
    kind === undefined ? undefined : probably(word, kind === 'option' ? optionsOf(command) : wordsOf(command));
  const question =
    kind === 'command' ? hint`Did you mean ${typed(command, meant ?? '')}?` : hint`Did you mean ${meant ?? ''}?`;
  const help = hint`${typed(command, '--help')} shows what there is.`;
  return usage(usageWords(line), meant === undefined ? help : hint`${question} ${help}`)(error);
}

/** As it was called, whether or not that is one of ours. */
function typedWith(start: string, command: Command, words: readonly string[]) {
  const [first = '', ...others] = start.split(' ');
  return program(first, ...others, ...pathOf(command), ...words);
}

/** A beginning says more than letters that are alike. */
function probably(word: string, words: readonly string[]): string | undefined {
  const begun = words.filter((each) => each.startsWith(word));
  return begun.sort((a, b) => a.length - b.length)[0] ?? nearest(word, words);
}

/** The command that the call is about: a word that names none may be an option's. */
function commandOf(program: Command, argv: readonly string[]): Command {
  return argv.reduce(
    (at, word) => at.commands.find((each) => each.name() === word || each.aliases().includes(word)) ?? at,
    program,
  );
}

const pathOf = (command: Command): string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()];

const optionsOf = (command: Command) =>
  command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long }) => long ?? []);
const wordsOf = (command: Command) =>
  command
    .createHelp()
    .visibleCommands(command)
    .flatMap((each) => [each.name(), ...each.aliases()]);
