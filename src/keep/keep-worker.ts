import { parentPort } from 'node:worker_threads';
import type { Told } from './protocol.ts';
import { startWork } from './work.ts';

/** The thread, or the process, that does the work for `keep`: opening, reading and writing never stop the app's own thread. */
function tell(told: Told): void {
  if (parentPort !== null) parentPort.postMessage(told);
  // An app that was killed hears nothing any more.
  else if (process.connected) process.send?.(told, () => {});
}

const work = startWork({ tell });

if (parentPort !== null) parentPort.on('message', work.hear);
else {
  process.on('message', work.hear);
  // The app says when to stop; if it cannot any more, what is unsaved is saved all the same.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('disconnect', () => void work.lastWords().finally(() => process.exit(0)));
}
