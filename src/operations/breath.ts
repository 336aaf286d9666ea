import { promisify } from 'node:util';

/** Lets whatever else waits in this process have its turn: messages, timers, other requests. Long work that awaits no disk takes one now and then. */
export const breath = promisify(setImmediate);
