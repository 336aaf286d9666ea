import { Argument, type Command } from 'commander';
import type { Terminal } from '../command.ts';
import { completionFor, SHELLS, type Shell } from '../completion.ts';
import { wordsOfProgram } from '../words-of-program.ts';

export function addCompletion(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell you use').choices(SHELLS))
    .description('print what lets a shell complete commands and options')
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter completion bash >> ~/.bashrc
  $ overwinter completion zsh >> ~/.zshrc
  $ overwinter completion fish > ~/.config/fish/completions/overwinter.fish`,
    )
    .action((shell: Shell) => void terminal.out.write(completionFor(shell, wordsOfProgram(program))));
}
