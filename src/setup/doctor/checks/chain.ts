import type { Cause, Step, StepName } from '../../../core/chain/step.ts';
import type { Check, Finding } from '../check.ts';
import type { Facts } from '../facts.ts';

/** What other checks tell, with more to do about it. */
const TOLD_BY_OTHERS: Partial<Record<Cause, (facts: Facts) => boolean>> = {
  database: ({ databaseFault }) => databaseFault !== undefined,
  'no-repository': ({ git, inGit }) => git !== undefined && inGit === undefined,
  'no-git': ({ git }) => git === undefined,
  ignored: ({ survey }) => survey?.backupsIgnored === true,
  pointer: ({ pointer }) => pointer !== undefined,
  unreadable: ({ status }) => status.unreadable.length > 0,
  damaged: ({ broken }) => broken.some(({ newest }) => newest),
};

/** What one step of the chain says is said of none of those that stand on it. */
const SAID_ONCE: readonly Cause[] = ['no-backup', 'not-checked-out', 'hold', 'no-repository', 'no-key', 'damaged'];

const check = (step: StepName, fine: string): Check => ({
  id: step,
  fine,
  look(facts) {
    const { steps } = facts.status.chain;
    const found = steps.find(({ name }) => name === step);
    const { cause } = found ?? {};
    if (found === undefined || cause === undefined) return [];
    const first = steps.find((each) => each.cause === cause);
    if (SAID_ONCE.includes(cause) && first !== found) return undefined;
    return TOLD_BY_OTHERS[cause]?.(facts) === true ? undefined : [findingOf(found)];
  },
});

function findingOf({ light, text, hint, command }: Step): Finding {
  const level = light === 'red' ? 'failure' : 'warning';
  if (command === undefined) return { level, text, ...(hint === undefined ? {} : { hint }) };
  return { level, text, fix: command };
}

/** What `status` says, in the same order: the two never contradict each other. */
export const chain: readonly Check[] = [
  check('saved', 'every row is in the newest backup'),
  check('committed', 'the newest backup is committed'),
  check('pushed', 'the newest backup is on another machine'),
  check('drilled', 'the newest backup was restored on trial'),
  check('boots', 'a start elsewhere would bring the data back'),
];
