import type { Environment } from '../core/config.ts';
import type { AutoRestoreResult } from '../operations/auto-restore.ts';
import type { Project } from '../operations/project.ts';
import type { Alarms } from './alarms.ts';
import { type About, failed, succeeded, whoseIs } from './what-happened.ts';

/** The alarms of a project; undefined where nobody is to hear of any, which is so in most. */
export async function alarmsOf(
  notify: readonly string[],
  { local, now }: Pick<Project, 'local' | 'now'>,
  env: Environment,
  atMostEvery = 0,
): Promise<Alarms | undefined> {
  if (notify.length === 0) return undefined;
  const { openAlarms } = await import('./alarms.ts');
  return openAlarms({ addresses: notify, local, env, now, atMostEvery });
}

/** Does the work, and notes what came of it. Gives what it gives, and throws what it throws. */
export async function told<T>(
  alarms: Alarms | undefined,
  about: About,
  work: () => Promise<T>,
  isNew: (result: T) => boolean = () => false,
): Promise<T> {
  if (alarms === undefined) return work();
  if (about.subject === 'backup') alarms.begin(whoseIs(about.project, about.root));
  try {
    const result = await work();
    await alarms.tell(succeeded(about, isNew(result)));
    return result;
  } catch (error) {
    await alarms.tell(failed(about, error));
    throw error;
  }
}

/** The same for a start of the app. Nobody waits for what is due: the app is to start. */
export async function toldBoot(
  alarms: Alarms | undefined,
  about: Omit<About, 'subject'>,
  work: () => Promise<AutoRestoreResult>,
): Promise<AutoRestoreResult> {
  if (alarms === undefined) return work();
  const boot = { ...about, subject: 'boot' } as const;
  try {
    const result = await work();
    const failure = result.restored ? undefined : result.failure;
    // Where a restore failed before, that was said then, and holds until one succeeds.
    const isHeld = !result.restored && result.hold !== undefined;
    if (failure !== undefined) await alarms.tell(failed(boot, failure));
    else if (!isHeld) await alarms.tell(succeeded(boot));
    return result;
  } catch (error) {
    await alarms.tell(failed(boot, error));
    throw error;
  } finally {
    alarms.sendOff();
  }
}
