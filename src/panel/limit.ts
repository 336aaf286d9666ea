/** At most so many in a span of time: the rest is turned away. */
export interface Limit {
  /** Counts one more and says whether it is still within the limit. */
  take(): boolean;
}

export function createLimit(most: number, milliseconds: number, now: () => number): Limit {
  let taken: number[] = [];
  return {
    take() {
      const at = now();
      taken = taken.filter((time) => time > at - milliseconds);
      if (taken.length >= most) return false;
      taken.push(at);
      return true;
    },
  };
}
