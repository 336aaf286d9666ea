import type { Database } from '../engines/engine.ts';
import type { Channel, WorkerListener } from './channel.ts';
import { startWork } from './work.ts';

/**
 * The app's own thread, for what only the app can read. DuckDB reads in threads of its own; what is made of it is made here, a piece at a
 * time. Nothing can be waited for at the end of a process then: a backup that is under way is not finished.
 */
export function openHere(database: () => Promise<Database>, { onTold }: WorkerListener): Channel {
  const work = startWork({ tell: (told) => setImmediate(() => onTold(told)), database });
  let held: NodeJS.Timeout | undefined;
  const release = () => {
    clearInterval(held);
    held = undefined;
  };
  return {
    answered: new Int32Array(new SharedArrayBuffer(4)),
    send: (asked) => work.hear(asked),
    hold() {
      held ??= setInterval(() => {}, HOLD);
    },
    release,
    close: release,
    // Whoever cannot wait is told that there is nothing to wait for.
    lastAnswer: () => Number.POSITIVE_INFINITY,
    sleep() {},
  };
}

const HOLD = 60_000;
