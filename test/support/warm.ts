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

interface Warm {
  wait(call: Call): Ran;
  beside(call: Call): Promise<Ran>;
}

let started: Warm | undefined;

/** Runs a command in a process that is started once for all files of tests that share this one, and waits for it. */
export function runWarm(call: Call): Ran {
  started ??= start();
  return started.wait(call);
}

/** The same for a test that has to answer it meanwhile, as its server. */
export function runWarmBeside(call: Call): Promise<Ran> {
  started ??= start();
  return started.beside(call);
}

function start(): Warm {
  const { port1, port2 } = new MessageChannel();
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const script = new URL('./warm-bridge.mjs', import.meta.url);
  const worker = new Worker(script, { workerData: { port: port2, turn }, transferList: [port2], execArgv: [] });
  worker.unref();
  port1.unref();
  const asked = new Map<number, (ran: Ran) => void>();
  let calls = 0;
  worker.on('message', ({ id, ran }: { id: number; ran: Ran }) => {
    asked.get(id)?.(ran);
    asked.delete(id);
    if (asked.size === 0) worker.unref();
  });
  return {
    wait(call) {
      Atomics.store(turn, 0, 0);
      port1.postMessage(call);
      Atomics.wait(turn, 0, 0);
      const received: { message: Ran } | undefined = receiveMessageOnPort(port1);
      if (received === undefined) throw new Error('no answer came');
      return received.message;
    },
    beside(call) {
      const id = calls++;
      worker.ref();
      worker.postMessage({ id, call });
      return new Promise((done) => asked.set(id, done));
    },
  };
}
