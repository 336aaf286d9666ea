import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../core/config.ts';
import { verifyFailed } from '../core/problems/backups.ts';
import type { Alarms } from '../notify/alarms.ts';
import type { Unreached } from '../notify/deliver.ts';
import { alarmsOf, toldBoot } from '../notify/open-alarms.ts';
import { type About, failed, failedBy, succeeded } from '../notify/what-happened.ts';
import type { AutoRestoreResult } from '../operations/auto-restore.ts';
import type { Verified } from '../operations/verify.ts';
import type { OpenedProject } from '../project/open-project.ts';
import type { KeepEvent } from './events.ts';
import type { Loop } from './loop.ts';

const PATIENCE_MS = 60_000;
/** What is about to arrive is not to be sent twice. */
const LAST_PATIENCE_MS = 500;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Tells alarms what a loop does, one after the other and beside its work. */
export interface Teller {
  boots(work: () => Promise<AutoRestoreResult>): Promise<AutoRestoreResult>;
  event(event: KeepEvent): void;
  drilled(results: readonly Verified[]): void;
  /** All of it is noted, and another process sends what is still due. */
  flush(): Promise<void>;
  stop(): void;
}

/** Undefined where nobody is to hear of anything. */
export async function tellerOf(
  { project, root, settled }: Pick<About, 'project' | 'root'> & Pick<OpenedProject, 'settled'>,
  env: Environment,
  onUnreached: (unreached: Unreached) => void,
): Promise<Teller | undefined> {
  const alarms = await alarmsOf(settled.notify, project, env, MINUTE_MS);
  return alarms && tell(alarms, (subject, store) => ({ project, root, subject, store }), onUnreached);
}

/** The loop, whose end waits until what it did is told. */
export const toldBy = (teller: Teller, loop: Loop): Loop => ({
  ...loop,
  async flush(patience) {
    await loop.flush(patience);
    await teller.flush();
  },
  stop() {
    teller.stop();
    loop.stop();
  },
});

type AboutWhat = (subject: About['subject'], store?: string) => About;

function tell(alarms: Alarms, about: AboutWhat, onUnreached: (unreached: Unreached) => void): Teller {
  let noted: Promise<void> = Promise.resolve();
  let sending: Promise<void> = Promise.resolve();
  let waiting = 0;

  const send = async () => {
    for (const each of await alarms.send(PATIENCE_MS)) if (each.isNew) onUnreached(each);
  };
  const note = (work: () => Promise<void>) => {
    noted = noted.then(work).then(() => {
      // Whoever waits already sends what was noted meanwhile.
      if (waiting > 0) return;
      waiting++;
      sending = sending.then(() => {
        waiting--;
        return send();
      });
    });
  };
  // A loop that hangs does nothing, and that is no event.
  const timer = setInterval(() => note(() => alarms.look()), HOUR_MS).unref();

  return {
    boots: (work) => toldBoot(alarms, about('boot'), work),
    event(event) {
      if (event.type !== 'skipped') note(() => alarms.tell(happeningOf(event, about)));
    },
    drilled: (results) => note(() => alarms.tell(drillOf(results, about('verify')))),
    async flush() {
      await noted;
      await Promise.race([sending, sleep(LAST_PATIENCE_MS, undefined, { ref: false })]);
      alarms.sendOff();
    },
    stop() {
      clearInterval(timer);
      alarms.stop();
    },
  };
}

function happeningOf(event: Exclude<KeepEvent, { type: 'skipped' }>, about: AboutWhat) {
  if ('result' in event) return succeeded(about('backup'), event.type === 'backup');
  if (event.type === 'copied') return succeeded(about('copy', event.store));
  return failedBy(event.store === undefined ? about('backup') : about('copy', event.store), event.problem);
}

function drillOf(results: readonly Verified[], drill: About) {
  const bad = results.filter(({ ok }) => !ok).length;
  return bad === 0 ? succeeded(drill) : failed(drill, verifyFailed(bad, results.length)());
}
