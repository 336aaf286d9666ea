import { setTimeout as sleep } from 'node:timers/promises';
import type { Alarm } from '../core/alarms/alarm.ts';
import { withDelivered, withUndelivered } from '../core/alarms/due.ts';
import { OverwinterError } from '../core/errors.ts';
import { withLock } from '../local/lock.ts';
import type { AlarmNotes } from './memory.ts';
import { type Delivery, type Receiver, undelivered } from './receiver.ts';

/** How long one try may take, and how long is waited before the next. */
export interface Patience {
  readonly answer: number;
  readonly pauses: readonly number[];
}

export const PATIENCE: Patience = { answer: 10_000, pauses: [500, 2000] };

/** Sends one alarm to one receiver, and again where that may help. Never throws. */
export async function sendTo(
  { send, missing }: Receiver,
  alarm: Alarm,
  now: () => Date,
  { answer, pauses }: Patience,
  end?: AbortSignal,
): Promise<Delivery> {
  if (missing !== undefined) return undelivered(`the variable ${missing} is not set`, false);
  const once = () => {
    const timeout = AbortSignal.timeout(answer);
    return send(alarm, { now, signal: end === undefined ? timeout : AbortSignal.any([timeout, end]) });
  };
  let delivery = await once();
  for (const pause of pauses) {
    if (delivery.ok || !delivery.again || end?.aborted) return delivery;
    await sleep(pause, undefined, end === undefined ? {} : { signal: end }).catch(() => {});
    if (end?.aborted) return delivery;
    delivery = await once();
  }
  return delivery;
}

export interface Delivering {
  readonly local: string;
  readonly notes: AlarmNotes;
  readonly receivers: readonly Receiver[];
  readonly now: () => Date;
  readonly patience?: Patience;
  /** How long to wait for another process that is sending. */
  readonly wait: number;
  /** When nobody waits for an answer any more: it counts as none. */
  readonly end?: AbortSignal;
  /** Lets go of everything at once, and says nothing of how it went. */
  readonly leave?: AbortSignal;
}

/** A receiver that an alarm did not reach. */
export interface Unreached {
  readonly label: string;
  readonly reason: string;
  /** It was reached the last time. */
  readonly isNew: boolean;
}

/** Sends everybody what is due, each its own in order. What did not arrive stays due. Never throws. */
export async function deliver(delivering: Delivering): Promise<readonly Unreached[]> {
  const { local, receivers, wait } = delivering;
  const all = async () => (await Promise.all(receivers.map((each) => deliverTo(each, delivering)))).flat();
  try {
    return await withLock(local, 'sending alarms', wait, all);
  } catch (error) {
    // Somebody else is at it. Where no lock can be made, that is what there is an alarm about.
    return error instanceof OverwinterError && error.code === 'BUSY' ? [] : all();
  }
}

async function deliverTo(
  receiver: Receiver,
  { notes, now, patience = PATIENCE, end, leave }: Delivering,
): Promise<Unreached[]> {
  const tried = new Set<string>();
  for (;;) {
    const before = notes.known().receivers.get(receiver.id);
    const alarm = before?.due.find(({ id }) => !tried.has(id));
    if (alarm === undefined || receiver.missing !== undefined) return [];
    tried.add(alarm.id);
    const ends = [end, leave].filter((each) => each !== undefined);
    const delivery = await sendTo(receiver, alarm, now, patience, AbortSignal.any(ends));
    if (!delivery.ok && leave?.aborted) return [];
    await notes.change((memory) =>
      delivery.ok
        ? withDelivered(memory, receiver.id, alarm, now())
        : withUndelivered(memory, receiver.id, delivery.reason, now()),
    );
    if (!delivery.ok) return [{ label: receiver.label, reason: delivery.reason, isNew: before?.failure === undefined }];
  }
}
