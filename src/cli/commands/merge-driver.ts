import { resolve } from 'node:path';
import type { Command } from 'commander';
import { mergePointers } from '../../commit/merge-driver.ts';
import { outputOf, type Terminal } from '../command.ts';

export function addMergeDriver(program: Command, terminal: Terminal): void {
  program
    .command('merge-driver')
    .argument('<base>', 'git writes it as %O')
    .argument('<ours>', 'git writes it as %A; the result goes there')
    .argument('<theirs>', 'git writes it as %B')
    .description('called by git where two branches moved the pointer: the newer backup wins')
    .addHelpText('after', "\nExamples:\n  $ git config merge.overwinter.driver 'overwinter merge-driver %O %A %B'")
    .action(async (base: string, ours: string, theirs: string, _options: unknown, command: Command) => {
      const at = (file: string) => resolve(terminal.cwd, file);
      const pointer = await mergePointers({ base: at(base), ours: at(ours), theirs: at(theirs) });
      outputOf(terminal, command.optsWithGlobals()).result({ merged: pointer?.name ?? null }, '');
    });
}
