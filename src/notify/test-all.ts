import { randomUUID } from 'node:crypto';
import type { Environment } from '../core/config.ts';
import type { Project } from '../operations/project.ts';
import { PATIENCE, sendTo } from './deliver.ts';
import { receiversAt } from './index.ts';
import type { Delivery } from './receiver.ts';
import { whoseIs } from './what-happened.ts';

export interface Tested {
  readonly target: string;
  readonly delivery: Delivery;
}

/** Sends a test message to everybody, beside each other. */
export function testAll(
  addresses: readonly string[],
  { project, root, env }: { readonly project: Project; readonly root: string; readonly env: Environment },
): Promise<Tested[]> {
  const { now } = project;
  const time = now().toISOString();
  const alarm = {
    ...whoseIs(project, root),
    id: randomUUID(),
    event: 'test',
    subject: 'backup',
    time,
    calm: true,
  } as const;
  // Whoever tests sees at once that nobody answers, and may try again.
  const patience = { ...PATIENCE, pauses: PATIENCE.pauses.slice(0, 1) };
  return Promise.all(
    receiversAt(addresses, env).map(async (receiver) => ({
      target: receiver.label,
      delivery: await sendTo(receiver, alarm, now, patience),
    })),
  );
}
