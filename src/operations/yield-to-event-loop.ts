import { promisify } from 'node:util';

const turn = promisify(setImmediate);
const OFTEN_ENOUGH_MS = 20;

let last = 0;

/**
 * Lets whatever else waits in this process have its turn: messages, timers, other requests. Long work that awaits no disk calls it again
 * and again; most calls cost nothing.
 */
export async function yieldToEventLoop(): Promise<void> {
  if (performance.now() - last < OFTEN_ENOUGH_MS) return;
  await turn();
  last = performance.now();
}
