import { type ChildProcess, fork } from 'node:child_process';
import { errorOf } from '../../core/errors.ts';
import { copyEnded, copyStopped, storeSilent } from '../../core/problems/stores.ts';
import type { Batch, Limits, ReadableStore, WritableStore } from '../store.ts';
import type { Answer, Question, Told } from './messages.ts';
import type { Standing } from './standing-folder.ts';

/** No call to a disk takes longer, but for one that will never come back. */
const PATIENCE_MS = 60_000;
/** A process that nobody asked anything for so long ends, but in a batch: its lock goes with it. */
const IDLE_MS = 500;

export interface Apart {
  readonly folder: Standing;
  readonly limits: Limits;
  /** The program of the process. */
  readonly script: string;
  readonly signal: AbortSignal | undefined;
  readonly patience?: number;
}

/** Processes that hang in a call to a folder: a killed one ends when the call does. */
const stuck = new Map<string, number>();

/**
 * The store in a folder, where each call is made by another process: a share that is gone lets whoever calls it hang, and no signal ends
 * that. Who hears nothing for a minute leaves the process behind. Throws STORE_FAILED then, and what the folder throws.
 */
export function folderApart(apart: Apart): WritableStore & { tryOut(): Promise<void> } {
  const { folder, limits } = apart;
  const reader = helper(apart, 'idle');
  const reading = (ask: Ask): ReadableStore => ({
    label: folder.path,
    id: folder.path,
    async list(shelf) {
      const answer = await ask({ do: 'list', shelf });
      return answer.is === 'files' ? answer.files : new Map();
    },
    async read(path, range) {
      const answer = await ask({ do: 'read', path, range });
      return answer.is === 'bytes' && answer.bytes !== undefined ? bufferOf(answer.bytes) : undefined;
    },
  });
  return {
    ...reading(reader.ask),
    limits,
    async tryOut() {
      await reader.ask({ do: 'try' });
    },
    async batch(work) {
      const { ask, end } = helper(apart, 'ended');
      try {
        await ask({ do: 'begin' });
        const batch: Batch = {
          ...reading(ask),
          limits,
          batch: (inner) => inner(batch),
          put: async (path, bytes) => void (await ask({ do: 'put', path, bytes })),
          publish: async (path, bytes) => void (await ask({ do: 'publish', path, bytes })),
          async remove(paths) {
            const answer = await ask({ do: 'remove', paths });
            return answer.is === 'paths' ? answer.paths : [];
          },
        };
        let result: Awaited<ReturnType<typeof work>>;
        try {
          result = await work(batch);
        } catch (error) {
          await ask({ do: 'give up' }).catch(() => {});
          throw error;
        }
        await ask({ do: 'end' });
        return result;
      } finally {
        end();
      }
    },
  };
}

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

type Ask = (question: Question) => Promise<Answer>;

interface Waiting {
  readonly done: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A process, started when it is first asked. It holds up the end of this one only while it is waited for. One that lasts until it is `ended` is
 * never followed by another, which would know nothing of what the first was in the middle of.
 */
function helper(
  { folder, script, signal, patience = PATIENCE_MS }: Apart,
  lasts: 'idle' | 'ended',
): { readonly ask: Ask; end(): void } {
  const waiting = new Map<number, Waiting>();
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let asked = 0;
  let over: { readonly why: unknown } | undefined;

  const late = () => storeSilent(folder.path, Math.round(patience / 1000))();

  const ended = copyEnded(folder.path);

  function abandon(error: unknown, isStuck = false): void {
    if (lasts === 'ended') over ??= { why: error };
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    const left = child;
    child = undefined;
    if (left !== undefined) {
      if (left.pid !== undefined && isStuck) stuck.set(folder.root, left.pid);
      left.removeAllListeners();
      left.on('error', () => {});
      left.kill('SIGKILL');
      if (left.connected) left.disconnect();
      left.unref();
    }
    for (const { failed } of waiting.values()) failed(error);
    waiting.clear();
  }
  const stop = () => abandon(copyStopped(folder.path)());

  function started(): ChildProcess {
    if (child !== undefined) return child;
    const pid = stuck.get(folder.root);
    // Another would hang beside it.
    if (pid !== undefined && isAlive(pid)) throw late();
    stuck.delete(folder.root);
    const made = fork(script, [], { execArgv: [], serialization: 'advanced', stdio: 'ignore' });
    made.on('message', (told: Told) => heard(told));
    made.on('error', (error) => abandon(ended(error)));
    made.on('exit', () => abandon(ended()));
    made.unref();
    signal?.addEventListener('abort', stop, { once: true });
    child = made;
    return made;
  }

  function heard(told: Told): void {
    const one = waiting.get(told.id);
    waiting.delete(told.id);
    wait();
    if (one === undefined) return;
    if ('answer' in told) one.done(told.answer);
    else one.failed(errorOf(told.problem));
  }

  function wait(): void {
    clearTimeout(timer);
    if (waiting.size > 0) {
      child?.channel?.ref();
      timer = setTimeout(() => abandon(late(), true), patience);
    } else {
      child?.channel?.unref();
      if (lasts === 'idle') timer = setTimeout(end, IDLE_MS).unref();
    }
  }

  const end = () => {
    if (waiting.size === 0) abandon(ended());
  };

  return {
    ask: (question) =>
      new Promise((done, failed) => {
        if (signal?.aborted) return failed(copyStopped(folder.path)());
        if (over !== undefined) return failed(over.why);
        try {
          const to = started();
          const id = asked++;
          waiting.set(id, { done, failed });
          to.send({ id, folder, question });
          wait();
        } catch (error) {
          failed(error);
        }
      }),
    end,
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
