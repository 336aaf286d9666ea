import type { Alarms } from '../notify/alarms.ts';
import { alarmsOf } from '../notify/open-alarms.ts';
import type { Project } from '../operations/project.ts';
import type { Invocation, Terminal } from './command.ts';

/** How long a command may wait, after its work is done and said, for alarms to arrive. What does not is sent with the next. */
const PATIENCE_MS = 12_000;

type OfCall = (invocation: Pick<Invocation, 'settled' | 'project' | 'output'>) => Promise<Alarms | undefined>;

/**
 * Runs a command that tells what comes of it; what is due is sent before it ends, whether it fails or not. Returns whether everybody has
 * heard what they are to hear.
 */
export async function withAlarms(terminal: Terminal, work: (alarms: OfCall) => Promise<void>): Promise<boolean> {
  let opened: Promise<Alarms | undefined> | undefined;
  let warn = (_text: string) => {};
  try {
    await work(({ settled, project, output }) => {
      warn = output.warn;
      // All databases of a project have one place for what is remembered.
      opened ??= alarmsOf(settled.notify, project, terminal.env);
      return opened;
    });
  } catch (error) {
    await sendAll(await opened, warn);
    throw error;
  }
  return sendAll(await opened, warn);
}

async function sendAll(alarms: Alarms | undefined, warn: (text: string) => void): Promise<boolean> {
  const unreached = (await alarms?.send(PATIENCE_MS)) ?? [];
  for (const { label, reason, isNew } of unreached)
    if (isNew) warn(`no alarm reaches ${label}: ${reason}. It is tried again.`);
  return unreached.length === 0;
}

const DAY_MS = 86_400_000;

/**
 * What a call that finds nothing changed says at once is noted nowhere. Where somebody is to hear when backups are out of date, it is looked
 * again after a day.
 */
export const untilToldAgain = ({
  settled,
  project,
}: Pick<Invocation, 'settled'> & { readonly project: Pick<Project, 'now'> }) =>
  settled.notify.length === 0 ? {} : { until: project.now().getTime() + DAY_MS };
