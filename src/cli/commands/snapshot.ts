import type { Command } from 'commander';
import { hint, overwinter } from '../../core/hint.ts';
import { moment, size } from '../../core/words.ts';
import { listSnapshots } from '../../local/snapshots.ts';
import { snapshot, tryUndo, undo, whyNoSnapshot } from '../../operations/snapshot.ts';
import { lossOf } from '../changes.ts';
import { type Invocation, invoke, invokeEach, type Terminal } from '../command.ts';
import { mustBeMeant } from '../confirm.ts';
import { table } from '../fit.ts';
import { stoppable } from '../stoppable.ts';

export function addSnapshots(program: Command, terminal: Terminal): void {
  program
    .command('snapshot')
    .argument('[label]', 'what it is for', 'by hand')
    .description('take a binary safety copy, local to this machine')
    .addHelpText('after', '\nExamples:\n  $ overwinter snapshot "before the import"')
    .action((label: string, _options: unknown, command: Command) =>
      invokeEach(terminal, command, async ({ project, output }) => {
        const reason = whyNoSnapshot(project);
        if (reason !== undefined) {
          output.say(reason);
          output.result({ skipped: reason }, '');
          return 0;
        }
        const taken = await snapshot(project, label);
        output.say(
          hint`Copied ${project.database.label} (${size(taken.bytes)}). ${overwinter('undo')} goes back to it.`,
        );
        output.result(taken, taken.id);
        return 0;
      }),
    );

  program
    .command('snapshots')
    .description('show the safety copies, newest first')
    .addHelpText('after', '\nExamples:\n  $ overwinter snapshots --json')
    .action((_options: unknown, command: Command) =>
      invokeEach(terminal, command, async ({ project, output }) => {
        const found = listSnapshots(project.local, project.database.id);
        if (found.length === 0) output.say(`There is no snapshot of ${project.database.label}.`);
        const rows = found.map(({ id, date, bytes, label }) => [id, moment(date), size(bytes), label]);
        output.result(
          { snapshots: found },
          found.length === 0 ? '' : table(['ID', 'TAKEN (UTC)', 'SIZE', 'LABEL'], rows, [2], output.width),
        );
        return 0;
      }),
    );

  program
    .command('undo')
    .argument('[id]', 'the snapshot to go back to; without one the newest')
    .description('go back to the last snapshot; undoing again returns')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExamples:\n  $ overwinter undo')
    .action((id: string | undefined, options: { yes?: boolean }, command: Command) =>
      invoke(terminal, command, (invocation) =>
        stoppable(invocation.output, invocation.project.database.label, (watched) =>
          goBack({ ...invocation, project: { ...invocation.project, ...watched } }, id, options.yes),
        ),
      ),
    );
}

async function goBack(invocation: Invocation, id: string | undefined, yes: boolean | undefined): Promise<number> {
  const { project, output } = invocation;
  await mustBeMeant(invocation, 'replaces', yes, async () => {
    const { snapshot: wanted, diff } = await tryUndo(project, id);
    return diff && lossOf(`the snapshot of ${moment(wanted.date)} UTC`, diff);
  });
  const result = await undo(project, id);
  for (const warning of result.warnings) output.warn(`${warning}.`);
  output.say(
    `${project.database.label} is as it was at ${moment(result.restored.date)} UTC (${result.restored.label}).`,
  );
  if (result.snapshot !== undefined) output.say(hint`${overwinter('undo')} again returns to what was there until now.`);
  output.result(result, '');
  return 0;
}
