// Asks the warm process for a test that waits without letting go of its own thread.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workerData } from 'node:worker_threads';

const { port, turn } = workerData;
const child = fork(fileURLToPath(new URL('warm.mjs', import.meta.url)), [], {
  execArgv: [],
  // Nobody is there to be asked.
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
child.unref();
child.channel.unref();
const answer = (ran) => {
  port.postMessage(ran);
  Atomics.store(turn, 0, 1);
  Atomics.notify(turn, 0);
};
child.on('message', ({ ran }) => {
  child.channel.unref();
  answer(ran);
});
child.on('exit', () => answer({ code: null, stdout: '', stderr: 'the warm process ended' }));
port.on('message', (call) => {
  child.channel.ref();
  child.send({ call });
});
