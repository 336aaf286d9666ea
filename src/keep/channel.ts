import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Asked, Setup, Told } from './protocol.ts';

/** A way to the one that does the work. It does not keep the app alive unless it is held. */
export interface Channel {
  readonly answered: Setup['answered'];
  send(asked: Asked): void;
  hold(): void;
  release(): void;
  close(): void;
  /** The number of the last answer, seen without waiting for messages. */
  lastAnswer(): number;
  /** Sleeps in this very thread until there may be another answer. */
  sleep(last: number, milliseconds: number): void;
}

export interface WorkerListener {
  onTold(told: Told): void;
  onDeath(reason: unknown): void;
}

const ASK_AGAIN = 5;

/**
 * A thread: it shares this process's SQLite, which knows which locks are whose. It is for databases that are opened with the very
 * same copy of SQLite.
 */
export function openThread(program: string, { onTold, onDeath }: WorkerListener): Channel {
  const worker = new Worker(program, { execArgv: [] });
  const answered = new Int32Array(new SharedArrayBuffer(4));
  worker.on('message', onTold);
  worker.on('error', onDeath);
  worker.on('exit', onDeath);
  worker.unref();
  return {
    answered,
    send: (asked) => worker.postMessage(asked),
    hold: () => worker.ref(),
    release: () => worker.unref(),
    close: () => void worker.terminate(),
    lastAnswer: () => Atomics.load(answered, 0),
    sleep: (last, milliseconds) => void Atomics.wait(answered, 0, last, milliseconds),
  };
}

/**
 * A process: for databases that this one may have open with another copy of SQLite. Two copies in one process take each other's
 * locks away, because the system gives locks to processes; two processes never do.
 */
export function openProcess(program: string, { onTold, onDeath }: WorkerListener): Channel {
  const folder = mkdtempSync(join(tmpdir(), 'overwinter-keep-'));
  const answered = join(folder, 'answered');
  const child = fork(program, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  child.on('message', onTold);
  child.on('error', onDeath);
  child.on('exit', onDeath);
  const release = () => {
    child.unref();
    child.channel?.unref();
  };
  release();
  return {
    answered,
    send: (asked) => void (child.connected && child.send(asked)),
    hold: () => child.channel?.ref(),
    release,
    close() {
      if (child.connected) child.disconnect();
      rmSync(folder, { recursive: true, force: true });
    },
    lastAnswer() {
      try {
        return Number(readFileSync(answered, 'utf8'));
      } catch {
        return 0;
      }
    },
    sleep: (_last, milliseconds) => void Atomics.wait(nothing, 0, 0, Math.min(ASK_AGAIN, milliseconds)),
  };
}
