import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

export interface Call {
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let started: ((call: Call) => Ran) | undefined;

/** Runs a command in a process that is started once for a file of tests, and waits for it. */
export function runWarm(call: Call): Ran {
  started ??= start();
  return started(call);
}

function start(): (call: Call) => Ran {
  const { port1, port2 } = new MessageChannel();
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const script = new URL('./warm-bridge.mjs', import.meta.url);
  const worker = new Worker(script, { workerData: { port: port2, turn }, transferList: [port2], execArgv: [] });
  worker.unref();
  port1.unref();
  return (call) => {
    Atomics.store(turn, 0, 0);
    port1.postMessage(call);
    Atomics.wait(turn, 0, 0);
    const received: { message: Ran } | undefined = receiveMessageOnPort(port1);
    if (received === undefined) throw new Error('no answer came');
    return received.message;
  };
}
