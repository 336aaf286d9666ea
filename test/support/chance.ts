/** Repeatable chance: a failing case is run again with the seed that its message names. */
export interface Chance {
  readonly seed: number;
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
}

export function chance(seed = Number(process.env.OVERWINTER_SEED ?? Date.now() % 1_000_000)): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    seed,
    below,
    pick(from) {
      const found = from[below(from.length)];
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    },
  };
}

export const isSlow = process.env.OVERWINTER_SLOW === '1';

/** Where the same tests run thousands of times, as for mutants, each may only take a moment. */
export const isHasty = process.env.OVERWINTER_HASTY === '1';

/** How often a property is tried. */
export const tries = (usual: number, slow = usual) => (isHasty ? Math.ceil(usual / 40) : isSlow ? slow : usual);
