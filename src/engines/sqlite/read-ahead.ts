import type { Slice } from '../../core/slices.ts';

/** What is read before it is wanted is held, so it may not be more than this. */
const BYTES_AHEAD = 8 * 1024 * 1024;

/** Slices that can be read before they are wanted. */
export interface Ahead {
  /** Reads one more. False where there is none, or as many are held as may be. */
  more(): boolean;
  /** All of them, in order: those that are held and then the others. */
  all(): Iterable<Slice>;
}

export function ahead(slices: Iterable<Slice>): Ahead {
  const coming = slices[Symbol.iterator]();
  const held: Slice[] = [];
  let bytes = 0;
  let isAtEnd = false;
  const next = (): Slice | undefined => {
    const one = isAtEnd ? undefined : coming.next();
    isAtEnd = one?.done !== false;
    return one?.done === false ? one.value : undefined;
  };
  return {
    more() {
      const slice = bytes > BYTES_AHEAD ? undefined : next();
      if (slice === undefined) return false;
      held.push(slice);
      bytes += slice.bytes;
      return true;
    },
    *all() {
      for (let slice = held.shift() ?? next(); slice !== undefined; slice = held.shift() ?? next()) yield slice;
    },
  };
}
