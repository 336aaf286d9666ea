/** At most so many of each kind in a span of time: the rest is turned away. */
export interface RateLimit {
  /** Counts one more of a kind and says whether it is still within the limit. */
  take(kind: string): boolean;
}

/** Kinds come from outside, so there are only so many; all others are one. */
const MOST_KINDS = 1000;
const OTHERS = '';

export function createRateLimit(most: number, milliseconds: number, now: () => number): RateLimit {
  const taken = new Map<string, number[]>();
  return {
    take(kind) {
      const since = now() - milliseconds;
      const isFull = !taken.has(kind) && taken.size >= MOST_KINDS;
      if (isFull) for (const [each, times] of taken) if ((times.at(-1) ?? 0) <= since) taken.delete(each);
      const key = taken.has(kind) || taken.size < MOST_KINDS ? kind : OTHERS;
      const times = (taken.get(key) ?? []).filter((time) => time > since);
      taken.set(key, times);
      if (times.length >= most) return false;
      times.push(now());
      return true;
    },
  };
}
