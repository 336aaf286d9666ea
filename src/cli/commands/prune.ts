import type { Command } from 'commander';
import { hint, overwinter } from '../../core/hint.ts';
import type { Retention } from '../../core/retention.ts';
import { count, size } from '../../core/words.ts';
import { prune } from '../../operations/prune.ts';
import { invokeEach, type Terminal } from '../command.ts';
import { withStore } from '../store-option.ts';
import { wholeNumber } from './diff.ts';

interface Options {
  readonly last?: number;
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
  readonly dryRun?: boolean;
}

export function addPrune(program: Command, terminal: Terminal): void {
  withStore(program.command('prune'))
    .description('remove old backups; those you named yourself stay')
    .option('--last <n>', 'keep the newest n', wholeNumber)
    .option('--daily <n>', 'keep the newest of each of n days', wholeNumber)
    .option('--weekly <n>', 'keep the newest of each of n weeks', wholeNumber)
    .option('--monthly <n>', 'keep the newest of each of n months', wholeNumber)
    .option('-n, --dry-run', 'say what would go, and remove nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  $ overwinter prune --dry-run\n  $ overwinter prune --last 20 --daily 14 --weekly 0 --monthly 0',
    )
    .action((options: Options, command: Command) =>
      invokeEach(terminal, command, async ({ at: project, output }) => {
        const dryRun = options.dryRun === true;
        const result = await prune(project, retentionOf(options, project.retention), dryRun);
        for (const { name, reason } of result.unreadable)
          output.warn(`Nothing is removed while ${name} is damaged: ${reason}`);
        const what = `${count(result.removed.length, 'backup')} and ${count(result.partsRemoved, 'part')} (${size(result.bytesFreed)})`;
        const stays = `${count(result.kept.length, 'backup')} ${result.kept.length === 1 ? 'stays' : 'stay'}`;
        if (result.removed.length + result.partsRemoved === 0) output.say(`Nothing is old enough to go: ${stays}.`);
        else output.say(`${dryRun ? 'Would remove' : 'Removed'} ${what}; ${stays}.`);
        if (result.partsLater > 0)
          output.say(
            hint`${count(result.partsLater, 'part')} that no backup needs ${result.partsLater === 1 ? 'stays' : 'stay'} for a day, because somebody may be about to need them: the next ${overwinter('prune')} removes what nobody does.`,
          );
        output.result(result, result.removed.join('\n'));
        return 0;
      }),
    );
}

function retentionOf(options: Options, configured: Retention): Retention {
  return {
    last: options.last ?? configured.last,
    daily: options.daily ?? configured.daily,
    weekly: options.weekly ?? configured.weekly,
    monthly: options.monthly ?? configured.monthly,
  };
}
