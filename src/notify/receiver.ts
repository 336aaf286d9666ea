import type { AlarmAddress, AlarmKind } from '../core/alarms/address.ts';
import type { Alarm } from '../core/alarms/alarm.ts';
import type { Environment } from '../core/config.ts';

/** What came of sending. `again`: it may go better in a moment. The reason is the end of a sentence, and holds no address. */
export type Delivery = { readonly ok: true } | { readonly ok: false; readonly reason: string; readonly again: boolean };

export const DELIVERED: Delivery = { ok: true };
export const undelivered = (reason: string, again: boolean): Delivery => ({ ok: false, reason, again });

export interface Sending {
  /** Ends the wait for an answer. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** What a kind of receiver does: it sends one alarm, once. It never throws. */
export type Send = (alarm: Alarm, sending: Sending) => Promise<Delivery>;

/** One kind, known by its addresses. */
export type ReceiverKind<K extends AlarmKind> = (
  address: Extract<AlarmAddress, { readonly kind: K }>,
  env: Environment,
) => Send;

/** Somebody who is to hear of alarms. */
export interface Receiver {
  /** For people; nothing in it lets anybody write there. */
  readonly label: string;
  /** Tells it from others in what is remembered. */
  readonly id: string;
  /** It raises an alarm itself when it hears nothing, so it is told of successes, and only the last word counts. */
  readonly isMonitor: boolean;
  /** A variable it needs that is not set here: then nobody here tells it anything. */
  readonly missing?: string;
  readonly send: Send;
}
