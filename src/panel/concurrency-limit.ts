/** Counts who is at something at the same time. */
export interface ConcurrencyLimit {
  /** Lets one more in and answers how to leave, which may be done twice; undefined where too many are in, of this caller or of all. */
  enter(caller: string): (() => void) | undefined;
}

export function createConcurrencyLimit(most: number, ofOneCaller: number): ConcurrencyLimit {
  const inside = new Map<symbol, string>();
  return {
    enter(caller) {
      const own = [...inside.values()].filter((each) => each === caller).length;
      if (inside.size >= most || own >= ofOneCaller) return undefined;
      const place = Symbol(caller);
      inside.set(place, caller);
      return () => void inside.delete(place);
    },
  };
}
