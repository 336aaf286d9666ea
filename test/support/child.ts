import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { whenTestEnds } from './endings.ts';

const WORKER = fileURLToPath(new URL('../../dist-test/test/support/worker.js', import.meta.url));
const running = new Set<ChildProcess>();

whenTestEnds(() => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Child {
  /** The next line it prints; throws if it ends before, with what it said. */
  line(): Promise<string>;
  say(text: string): void;
  /** As a power cut would: nothing of it runs any more. */
  kill(): Promise<void>;
  end(): Promise<void>;
}

/** Runs a verb of `worker.ts` in a process of its own. */
export function startChild(verb: string, folder: string, ...more: string[]): Child {
  const child = spawn(process.execPath, [WORKER, verb, folder, ...more], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  const exit = once(child, 'exit').then(() => void running.delete(child));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on('error', () => {});
  return {
    async line() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the process ended: ${errors}`);
      return String(value);
    },
    say: (text) => void child.stdin.write(`${text}\n`),
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
    async end() {
      child.stdin.end();
      await exit;
    },
  };
}
