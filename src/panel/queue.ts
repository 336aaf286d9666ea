/** Work that costs much is done one after another; who comes while many wait already, or has many waiting, is turned away. */
export interface Queue {
  /** Undefined where it was turned away. */
  run<T>(caller: string, work: () => Promise<T>): Promise<T> | undefined;
}

export function createQueue(most: number, ofOneCaller: number): Queue {
  const waiting: string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(caller, work) {
      const own = waiting.filter((each) => each === caller).length;
      if (waiting.length >= most || own >= ofOneCaller) return undefined;
      waiting.push(caller);
      const turn = last.then(work).finally(() => waiting.splice(waiting.indexOf(caller), 1));
      last = turn.catch(() => {});
      return turn;
    },
  };
}
