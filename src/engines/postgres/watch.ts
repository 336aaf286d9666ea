import type { Watch } from '../engine.ts';

/** Compares what the server says of its state. How often is for whoever asks: a host that lets a database sleep is not to be kept awake. */
export function watch(ask: () => Promise<string | undefined>): Watch {
  let known: string | undefined;
  return {
    async changed() {
      try {
        const now = await ask();
        const isChanged = now === undefined || now !== known;
        known = now;
        return isChanged;
      } catch {
        // It cannot be reached, or we may not look: a look is due, and the look says what is wrong.
        known = undefined;
        return true;
      }
    },
    close: async () => {},
  };
}
