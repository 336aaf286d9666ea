import type { Alarm } from './alarm.ts';
import { type AlarmMemory, MOST_DUE, type ReceiverMemory } from './read-memory.ts';

/** Who hears: a monitor of every try, and only its last word counts; people of changes. */
interface Hearing {
  readonly id: string;
  readonly isMonitor: boolean;
  readonly missing?: string;
}

const NOTHING: ReceiverMemory = { due: [] };
const MOST_RECEIVERS = 100;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What is known once these alarms are due to those who are to hear of them. */
export function withDue(memory: AlarmMemory, alarms: readonly Alarm[], receivers: readonly Hearing[]): AlarmMemory {
  return receivers.reduce((known, { id, isMonitor, missing }) => {
    // As long as something is amiss, a monitor is not to hear that something is well.
    const wanted = alarms.filter(({ event, calm }) => (isMonitor ? event !== 'recovery' || calm : event !== 'success'));
    if (wanted.length === 0 || missing !== undefined) return known;
    const before = known.receivers.get(id) ?? NOTHING;
    const due = isMonitor ? wanted.slice(-1) : [...before.due, ...wanted].slice(-MOST_DUE);
    return withReceiver(known, id, { ...before, due });
  }, memory);
}

/** Whether somebody waits for something, and should be tried now: who cannot be reached is not tried all the time. */
export function isAnythingDue({ receivers }: AlarmMemory, hearing: readonly Hearing[], now: Date): boolean {
  return hearing.some(({ id, missing }) => {
    const { due = [], failure } = receivers.get(id) ?? NOTHING;
    if (due.length === 0 || missing !== undefined) return false;
    if (failure === undefined) return true;
    const patience = Math.min(HOUR, MINUTE * 2 ** (failure.tries - 1));
    return due.some(({ time }) => time > failure.time) || now.getTime() > Date.parse(failure.time) + patience;
  });
}

export function withDelivered(memory: AlarmMemory, id: string, alarm: Alarm, now: Date): AlarmMemory {
  const { due } = memory.receivers.get(id) ?? NOTHING;
  return withReceiver(memory, id, { due: due.filter((each) => each.id !== alarm.id), reached: now.toISOString() });
}

export function withUndelivered(memory: AlarmMemory, id: string, reason: string, now: Date): AlarmMemory {
  const before = memory.receivers.get(id) ?? NOTHING;
  const time = now.toISOString();
  const failure = { since: before.failure?.since ?? time, time, tries: (before.failure?.tries ?? 0) + 1, reason };
  return withReceiver(memory, id, { ...before, failure });
}

function withReceiver(memory: AlarmMemory, id: string, receiver: ReceiverMemory): AlarmMemory {
  const others = [...memory.receivers].filter(([each]) => each !== id).slice(1 - MOST_RECEIVERS);
  return { ...memory, receivers: new Map([...others, [id, receiver]]) };
}
