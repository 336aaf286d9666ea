import type { Command } from 'commander';
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
      invokeTogether(terminal, command, ([first]) => (options.test ? test(first) : tell(first)), { noDatabase: true }),
    );
}

const PATIENCE_MS = 30_000;

async function tell(invocation: Invocation): Promise<number> {
  const { settled, project, terminal, output } = invocation;
  const { alarmsOf } = await import('../../notify/open-alarms.ts');
  const alarms = await alarmsOf(settled.notify, project, terminal.env);
  if (alarms === undefined) return nobody(invocation);
  await alarms.look();
  const unreached = await alarms.send(PATIENCE_MS);
  for (const { label, reason } of unreached) output.warn(`no alarm reaches ${label}: ${reason}.`);
  output.result(await receiversHere(invocation), '');
  return unreached.length > 0 ? 1 : 0;
}

async function receiversHere({ settled, project, terminal }: Invocation) {
  const { receiversNow } = await import('../../notify/receivers-now.ts');
  return receiversNow(settled.notify, project.local, terminal.env);
}

async function test(invocation: Invocation): Promise<number> {
  const { settled, project, root, terminal, output } = invocation;
  if (settled.notify.length === 0) return nobody(invocation);
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
  output.warn(
    "nobody is to hear of anything: name somebody in 'notify' of overwinter.config.ts or in OVERWINTER_NOTIFY, as in ntfy://ntfy.sh/my-topic.",
  );
  output.result([], '');
  return 0;
}
