/** What this machine remembers of a mailbox. */
export interface Remembered {
  /** When a backup was handed over, or, where that was forgotten, when one was due. */
  readonly time: number;
  /** What was in it. */
  readonly content?: string;
  /** One that was too large, and when that was seen. */
  readonly tooLarge?: { readonly time: number; readonly bytes: number };
}

const DAY = 24 * 3_600_000;

/** Whether a backup is to be sent: now, not any more, or not before a time. */
export type Due = { readonly is: 'now' | 'sent' } | { readonly is: 'later'; readonly at: number };

export function dueFor(content: string, every: number, remembered: Remembered | undefined, now: number): Due {
  if (remembered === undefined) return { is: 'now' };
  if (remembered.content === content) return { is: 'sent' };
  const at = remembered.time + every;
  // A clock that was ahead once does not silence it for ever.
  return now >= at || remembered.time > now ? { is: 'now' } : { is: 'later', at };
}

/**
 * Where nothing is remembered because the host forgets all of it at each start: as if one had been sent when it last was time by the clock. So each
 * start does not send another.
 */
export const asIfSent = (every: number, now: number): Remembered => ({ time: Math.floor(now / every) * every });

/** Whether one that was too large is to be tried again: it takes memory and time to make. */
export const isStillTooLarge = (tooLarge: Remembered['tooLarge'], most: number, now: number): boolean =>
  tooLarge !== undefined && tooLarge.bytes > most && now - tooLarge.time < DAY && now >= tooLarge.time;
