/** So long nobody more comes. */
const QUIET_MS = 15;
const MOST = 1000;

interface Waiting<In, Out> {
  readonly item: In;
  readonly done: (out: Out) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Does for many at once what each asks for by itself: a program is started for all that are asked for within a moment, and one group
 * after the other.
 */
export function gathered<In, Out>(
  work: (items: readonly In[]) => Promise<readonly (() => Out)[]>,
): (item: In) => Promise<Out> {
  let waiting: Waiting<In, Out>[] = [];
  let timer: NodeJS.Timeout | undefined;
  let before: Promise<void> = Promise.resolve();

  function start(): void {
    clearTimeout(timer);
    timer = undefined;
    const group = waiting;
    waiting = [];
    before = before.then(() => serve(group));
  }

  async function serve(group: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const outs = await work(group.map(({ item }) => item));
      for (const [at, { done, fail }] of group.entries()) {
        try {
          const out = outs[at];
          if (out === undefined) throw new Error('a group came back shorter than it went');
          done(out());
        } catch (error) {
          fail(error);
        }
      }
    } catch (error) {
      for (const { fail } of group) fail(error);
    }
  }

  return (item) =>
    new Promise((done, fail) => {
      waiting.push({ item, done, fail });
      clearTimeout(timer);
      if (waiting.length >= MOST) start();
      else timer = setTimeout(start, QUIET_MS);
    });
}
