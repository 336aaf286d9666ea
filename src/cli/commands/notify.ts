import type { Command } from 'commander';
import { hint } from '../../core/hint.ts';
import { nobodyToTell } from '../../core/problems/settings.ts';
import { moment } from '../../core/words.ts';
import type { Delivery } from '../../notify/receiver.ts';
import { type Invocation, invokeTogether, type Terminal } from '../command.ts';

export function addNotify(program: Command, terminal: Terminal): void {
  program
    .command('notify')
    .description('tell whoever is to know what is out of date, and what they have not heard yet')
    .option('--test', 'send a test message to everybody in notify')
    .addHelpText(
      'after',
      `
Who is to know, 'notify' in overwinter.config.ts or OVERWINTER_NOTIFY says: a monitor (https://…), ntfy://SERVER/TOPIC,
slack:env:NAME, discord:env:NAME, webhook:https://…, mailto:MAILBOX. Backups, copies, restore drills and starts tell them by
themselves. In a schedule this tells what did not happen, too.

Examples:
  $ overwinter notify --test
  $ overwinter notify --test --json
  $ OVERWINTER_NOTIFY=ntfy://ntfy.sh/my-topic overwinter notify --test
  $ overwinter notify`,
    )
    .action((options: { test?: boolean }, command: Command) =>
      invokeTogether(terminal, command, (all) => (options.test ? test(all[0]) : tell(all, isAll(command, terminal))), {
        noDatabase: true,
      }),
    );
}

const PATIENCE_MS = 30_000;

const isAll = (command: Command, { env }: Terminal) =>
  !command.optsWithGlobals<{ db?: string }>().db && !env.OVERWINTER_DB;

async function tell(all: readonly [Invocation, ...Invocation[]], isAll: boolean): Promise<number> {
  const [first] = all;
  const { settled, project, root, terminal, output } = first;
  const [{ alarmsOf }, { knownFromBackups }, { amissNow, receiversNow }] = await Promise.all([
    import('../../notify/open-alarms.ts'),
    import('../../notify/known-from-backups.ts'),
    import('../../notify/receivers-now.ts'),
  ]);
  const alarms = await alarmsOf(settled.notify, project, terminal.env);
  if (alarms === undefined) return nobody(first);
  const standings = await Promise.all(all.map((each) => knownFromBackups(each.project, root)));
  await alarms.look({ isAll, standings });
  const unreached = await alarms.send(PATIENCE_MS);
  for (const { label, reason } of unreached) output.warn(`no alarm reaches ${label}: ${reason}.`);
  const amiss = amissNow(project.local);
  const lines = amiss.map(({ text, since }) => `${output.paint.red('✘')} ${text}, since ${moment(since)} UTC`);
  const document = { amiss, receivers: receiversNow(settled.notify, project.local, terminal.env) };
  output.result(
    document,
    (lines.length > 0 ? lines : ['Nothing that is known of fails or is out of date.']).join('\n'),
  );
  return unreached.length > 0 ? 1 : 0;
}

async function test(invocation: Invocation): Promise<number> {
  const { settled, project, root, terminal, output } = invocation;
  if (settled.notify.length === 0) throw nobodyToTell()();
  const { testAll } = await import('../../notify/test-all.ts');
  const tested = await testAll(settled.notify, { project, root, env: terminal.env });
  const line = (target: string, delivery: Delivery) =>
    delivery.ok ? `${output.paint.green('✔')} ${target}` : `${output.paint.red('✘')} ${target}: ${delivery.reason}`;
  output.result(
    tested.map(({ target, delivery }) => ({
      target,
      status: delivery.ok ? 'sent' : 'failed',
      ...(delivery.ok ? {} : { reason: delivery.reason }),
    })),
    tested.map(({ target, delivery }) => line(target, delivery)).join('\n'),
  );
  return tested.some(({ delivery }) => !delivery.ok) ? 1 : 0;
}

function nobody({ output }: Invocation): number {
  output.warn(hint`nobody is to hear of anything. ${nobodyToTell()().hintPieces}`);
  output.result([], '');
  return 0;
}
