import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { mergePointers } from '../../commit/merge-driver.ts';
import { hintText } from '../../core/hint.ts';
import { manifestFile, POINTER_FILE } from '../../core/names.ts';
import { isThere } from '../../files/if-there.ts';
import { openRepository } from '../../git/repository.ts';
import { notePassedOver, type PassedOver } from '../../local/passed-over.ts';
import { projectRoot } from '../../local/place.ts';
import { waysBack } from '../../operations/passed-over.ts';
import { namedCommands } from '../../project/named-commands.ts';
import { openProjects } from '../../project/open-project.ts';
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
      const { pointer, passedOver } = await mergePointers({ base: at(base), ours: at(ours), theirs: at(theirs) });
      if (pointer !== undefined && passedOver !== undefined) await tell(terminal, pointer.name, passedOver);
      outputOf(terminal, command.optsWithGlobals()).result({ merged: pointer?.name ?? null }, '');
    });
}

/** The merge goes on whatever comes of this; where no project is found, what is said is all there is. */
async function tell(terminal: Terminal, newest: string, passed: PassedOver): Promise<void> {
  const roots = await rootsIn(terminal).catch(() => [terminal.cwd]);
  const { cwd } = terminal;
  const name = namedCommands({ cwd, folder: cwd, root: roots.at(-1) });
  const way = hintText(name(waysBack(passed)));
  terminal.err.write(
    `overwinter: both sides saved data, and ${newest} is the newest: it does not have what ${passed.name} brought. ${way}\n`,
  );
  for (const cwd of roots) {
    try {
      const { projects } = await openProjects({ ...terminal, cwd }, {});
      for (const { local, store } of projects)
        if ([newest, passed.name].some((name) => isThere(join(store.path, manifestFile(name)))))
          notePassedOver(local, store.id, passed);
    } catch {
      // 'status' will not know of it.
    }
  }
}

/** Git calls from the top of the work tree, and says nothing of where the file lies; projects may lie deeper. */
async function rootsIn({ cwd, env }: Terminal): Promise<readonly string[]> {
  const repository = await openRepository(cwd, env);
  const tracked = await repository?.askMaybe('ls-files', '-z');
  const files = (tracked ?? '').split('\0').filter((file) => basename(file) === POINTER_FILE);
  return [...new Set([cwd, ...files.map((file) => projectRoot(join(repository?.top ?? cwd, dirname(file))))])];
}
