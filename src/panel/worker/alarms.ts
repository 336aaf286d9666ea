import type { Environment } from '../../core/config.ts';
import { alarmsOf } from '../../notify/open-alarms.ts';
import { failed, succeeded } from '../../notify/what-happened.ts';
import type { OpenedProject } from '../../project/open-project.ts';

/** Who is to hear what came of a backup that somebody asked the panel for. Another process sends it: the page is not to wait. */
export interface PanelAlarms {
  succeeded(): Promise<void>;
  failed(error: unknown): Promise<void>;
}

/** Undefined where nobody is to hear of anything. */
export async function panelAlarms(
  { project, root, settled }: Pick<OpenedProject, 'project' | 'root' | 'settled'>,
  env: Environment,
): Promise<PanelAlarms | undefined> {
  const alarms = await alarmsOf(settled.notify, project, env);
  if (alarms === undefined) return undefined;
  const about = { project, root, subject: 'backup' } as const;
  return {
    async succeeded() {
      await alarms.tell(succeeded(about));
      alarms.sendOff();
    },
    async failed(error) {
      await alarms.tell(failed(about, error));
      alarms.sendOff();
    },
  };
}
