import type { Environment } from '../core/config.ts';
import type { Project } from '../operations/project.ts';
import type { Alarms } from './alarms.ts';
import { type About, failed, succeeded, whoseIs } from './what-happened.ts';

/** The alarms of a project; undefined where nobody is to hear of any, which is so in most. */
export async function alarmsOf(
  notify: readonly string[],
  { local, now }: Pick<Project, 'local' | 'now'>,
  env: Environment,
): Promise<Alarms | undefined> {
  if (notify.length === 0) return undefined;
  const { openAlarms } = await import('./alarms.ts');
  return openAlarms({ addresses: notify, local, env, now });
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
