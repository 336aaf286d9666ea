import { createConcurrencyLimit } from './concurrency-limit.ts';

/** Work that costs much is done one after another; who comes while many wait already, or has many waiting, is turned away. */
export interface Queue {
  /** Undefined where it was turned away. */
  run<T>(caller: string, work: () => Promise<T>): Promise<T> | undefined;
}

export function createQueue(most: number, ofOneCaller: number): Queue {
  const waiting = createConcurrencyLimit(most, ofOneCaller);
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(caller, work) {
      const leave = waiting.enter(caller);
      if (leave === undefined) return undefined;
      const turn = last.then(work).finally(leave);
      last = turn.catch(() => {});
      return turn;
    },
  };
}
