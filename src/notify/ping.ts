import type { Alarm } from '../core/alarms/alarm.ts';
import { textOf, titleOf } from '../core/alarms/words.ts';
import { DELIVERED, type Delivery, type ReceiverKind } from './receiver.ts';
import { ask, type Request, urlOf } from './web.ts';

/**
 * A monitor in the manner of healthchecks.io: its address is asked when all is well, `/start` when a backup begins and `/fail` when
 * something is not. It raises its alarm when it is told of a failure, and when it is told nothing.
 */
export const ping: ReceiverKind<'ping'> =
  ({ to }, env) =>
  async (alarm, sending) => {
    const url = urlOf(to, env);
    if (!(url instanceof URL)) return url;
    const plainly = () => ask(url, { method: 'GET' }, sending);
    const word = WORDS[alarm.event];
    if (word === undefined) return plainly();
    const there = new URL(url);
    there.pathname = `${there.pathname.replace(/\/$/, '')}/${word}`;
    const delivery = await ask(there, requestFor(word, alarm), sending);
    if (!knowsNoSuch(delivery)) return delivery;
    // It raises an alarm all the same, because it hears nothing.
    return word === 'log' ? plainly() : DELIVERED;
  };

/** A test is for the log: a monitor that waits for a backup is not to take it for one. */
const WORDS: Readonly<Partial<Record<Alarm['event'], 'start' | 'fail' | 'log'>>> = {
  started: 'start',
  failure: 'fail',
  stale: 'fail',
  test: 'log',
};

const requestFor = (word: string, alarm: Alarm): Request =>
  word === 'start' ? { method: 'GET' } : { method: 'POST', body: `${titleOf(alarm)}\n${textOf(alarm)}\n` };

/** Some monitors have one address and nothing behind it. */
const knowsNoSuch = (delivery: Delivery): boolean => !delivery.ok && /\b40[45]$/.test(delivery.reason);
