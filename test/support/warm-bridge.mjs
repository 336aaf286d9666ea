// Asks the warm process: for a test that waits without letting go of its own thread (`turn`), or for one that goes on meanwhile.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

const { port, turn } = workerData;
const child = fork(fileURLToPath(new URL('warm.mjs', import.meta.url)), [], {
  execArgv: [],
  // Nobody is there to be asked.
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
child.unref();
child.channel.unref();

const waiting = [];
let ended = false;
const END = { code: null, stdout: '', stderr: 'the warm process ended' };
const settle = (ran) => {
  const next = waiting.shift();
  if (waiting.length === 0) child.channel.unref();
  next?.(ran);
};
child.on('message', ({ ran }) => settle(ran));
child.on('exit', () => {
  ended = true;
  while (waiting.length > 0) settle(END);
});
// It works them off one by one: its folder and its variables are those of one call.
const ask = (call, answer) => {
  if (ended) return answer(END);
  waiting.push(answer);
  child.channel.ref();
  child.send({ call });
};
port.on('message', (call) =>
  ask(call, (ran) => {
    port.postMessage(ran);
    Atomics.store(turn, 0, 1);
    Atomics.notify(turn, 0);
  }),
);
parentPort.on('message', ({ id, call }) => ask(call, (ran) => parentPort.postMessage({ id, ran })));
