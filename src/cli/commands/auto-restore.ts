import { type Command, Option } from 'commander';
import { MADE_FOR_DEVELOPMENT, TO_LIFT_A_HOLD } from '../../core/advice.ts';
import type { BootConfig } from '../../core/config.ts';
import { reasonOf } from '../../core/errors.ts';
import { hint } from '../../core/hint.ts';
import { alarmsOf, toldBoot } from '../../notify/open-alarms.ts';
import { type AutoRestoreResult, autoRestore } from '../../operations/auto-restore.ts';
import { restoredFilesLine } from '../../project/files-words.ts';
import { invokeEach, type Terminal } from '../command.ts';
import type { Output } from '../output.ts';
import { withStore } from '../store-option.ts';
import { reportBoot } from './restore.ts';

export function addAutoRestore(program: Command, terminal: Terminal): void {
  withStore(program.command('auto-restore'))
    .description('restore the newest backup only if the database is missing or empty, as boot does')
    .option('--from <environment>', "prefer another environment's backups, as in --from production")
    .addOption(
      new Option('--on-corrupt <what>', 'what to do where the database cannot be read').choices(['fail', 'restore']),
    )
    .addOption(new Option('--on-failure <what>', 'what to do where a restore fails').choices(['fail', 'start-empty']))
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter auto-restore && node server.js
  $ overwinter auto-restore --from production
  $ overwinter auto-restore --json`,
    )
    .action((options: BootConfig, command: Command) =>
      invokeEach(
        terminal,
        command,
        async ({ at: project, root, settled, output }) => {
          const alarms = await alarmsOf(settled.notify, project, terminal.env);
          const result = await toldBoot(alarms, { project, root }, () => autoRestore(project, output.progress));
          tell(result, output);
          output.result(documentOf(result), '');
          return 0;
        },
        { defaults: { boot: bootFlags(options) } },
      ),
    );
}

/** What was said on the command line, and nothing of what the program itself takes. */
function bootFlags({ from, onCorrupt, onFailure }: BootConfig): BootConfig {
  return {
    ...(from === undefined ? {} : { from }),
    ...(onCorrupt === undefined ? {} : { onCorrupt }),
    ...(onFailure === undefined ? {} : { onFailure }),
  };
}

function tell(result: AutoRestoreResult, output: Output): void {
  if (result.restored) {
    reportBoot(result, output);
    return;
  }
  const files = restoredFilesLine(result);
  output.say(`${files === undefined ? 'Nothing restored: ' : ''}${result.reason.replace(/\.$/, '')}.`);
  if (files !== undefined) output.say(files);
  if (result.failure !== undefined) output.warn('no backup is written until a restore succeeds.');
  if (result.hold?.madeFor !== undefined) output.warn(MADE_FOR_DEVELOPMENT);
  else if (result.hold !== undefined)
    output.warn(hint`no backup is written, because restoring failed before: ${result.hold.reason} ${TO_LIFT_A_HOLD}`);
}

/** An error has no fields that JSON would show. */
function documentOf(result: AutoRestoreResult): object {
  return result.restored || result.failure === undefined ? result : { ...result, failure: reasonOf(result.failure) };
}
