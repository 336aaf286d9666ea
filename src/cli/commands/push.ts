import type { Command } from 'commander';
import { type Problem, problemOf } from '../../core/errors.ts';
import { CONFIG, hint, type Namer, overwinter, setting } from '../../core/hint.ts';
import { moment } from '../../core/words.ts';
import type { Alarms } from '../../notify/alarms.ts';
import { failedBy, isConfigured, succeeded } from '../../notify/what-happened.ts';
import { type Bringing, bringNewest } from '../../operations/bring.ts';
import type { Remote } from '../../stores/store.ts';
import { withAlarms } from '../alarms.ts';
import { type Invocation, invokeEach, type Terminal } from '../command.ts';
import { problemDocument } from '../print-error.ts';

/** What bringing the newest backup to one place came to. `skipped`: there is none yet, or the next mail is not due before a time. */
interface Pushed {
  readonly store: string;
  readonly status: 'copied' | 'there' | 'failed' | 'skipped';
  readonly backup?: string;
  readonly due?: string;
  readonly problem?: Problem;
}

/** As a shell says of what was ended from the keyboard. */
const INTERRUPTED = 130;

export function addPush(program: Command, terminal: Terminal): void {
  program
    .command('push')
    .argument('[store...]', 'an address, or the beginning of one that is configured; without one all that are')
    .description('bring the newest backup to the other places that are to have it')
    .addHelpText(
      'after',
      `
Which there are, 'stores' in overwinter.config.ts or OVERWINTER_STORES says. 'overwinter run' and keep() bring every backup there by
themselves.

Examples:
  $ overwinter push
  $ overwinter push branch
  $ overwinter push folder:/mnt/usb/app --json`,
    )
    .action(async (given: string[], _options: unknown, command: Command) => {
      await withAlarms(terminal, (alarms) =>
        invokeEach(terminal, command, async (invocation) => push(invocation, given, await alarms(invocation))),
      );
    });
}

async function push(
  { project, root, output, remoteNamed, name }: Invocation,
  given: readonly string[],
  alarms: Alarms | undefined,
): Promise<number> {
  const remotes = given.length > 0 ? await Promise.all(given.map(remoteNamed)) : (project.remotes ?? []);
  if (remotes.length === 0)
    output.warn(
      hint`there is no other store. Name one in ${CONFIG}, as in ${setting({ stores: ['branch:backups'] })}; ${overwinter('push', '--help')} shows which there are.`,
    );
  const pushed: Pushed[] = [];
  const stop = new AbortController();
  const stopped = () => stop.abort();
  // A second one ends it at once.
  process.once('SIGINT', stopped);
  for (const remote of remotes) {
    if (stop.signal.aborted) break;
    const result = await pushTo(remote, project, { signal: stop.signal, onProgress: output.progress });
    if (stop.signal.aborted && result.status === 'failed') {
      output.warn(hint`${remote.label}: ${result.problem?.message ?? ''} ${result.problem?.hintPieces ?? []}`);
      break;
    }
    pushed.push(result);
    const { status, backup, due, problem } = result;
    const about = { project, root, subject: 'copy', store: remote.label } as const;
    const told = isConfigured(project, remote.label) ? alarms : undefined;
    if (problem !== undefined) await told?.tell(failedBy(about, problem));
    else if (status !== 'skipped') await told?.tell(succeeded(about));
    const isMail = remote.sentEvery !== undefined;
    if (status === 'copied')
      output.say(isMail ? `Handed ${backup} over to ${remote.label}.` : `Brought ${backup} to ${remote.label}.`);
    else if (status === 'there')
      output.say(
        isMail ? `${backup} was handed over to ${remote.label} before.` : `${remote.label} has ${backup} already.`,
      );
    else if (due !== undefined) output.say(`The next mail to ${remote.label} is due on ${moment(due)} UTC.`);
    else if (status === 'skipped') output.say(`There is no backup yet that could be brought to ${remote.label}.`);
    if (problem !== undefined) output.warn(hint`${remote.label}: ${problem.message} ${problem.hintPieces}`);
  }
  process.removeListener('SIGINT', stopped);
  output.result(
    pushed.map((each) => documentOf(each, name)),
    '',
  );
  if (stop.signal.aborted) return INTERRUPTED;
  return pushed.some(({ status }) => status === 'failed') ? 1 : 0;
}

const documentOf = ({ problem, ...pushed }: Pushed, name: Namer) =>
  problem === undefined
    ? pushed
    : { ...pushed, problem: problemDocument({ ...problem, hintPieces: name(problem.hintPieces) }) };

async function pushTo(remote: Remote, project: Invocation['project'], bringing: Bringing): Promise<Pushed> {
  const store = remote.address;
  try {
    const copied = await bringNewest(project, remote, bringing);
    if (copied === undefined) return { store, status: 'skipped' };
    const { status, name: backup } = copied;
    return status === 'later' ? { store, status: 'skipped', due: copied.at.toISOString() } : { store, status, backup };
  } catch (error) {
    return { store, status: 'failed', problem: problemOf(error) };
  }
}
