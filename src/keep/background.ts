import type { Problem } from '../core/errors.ts';
import { inPieces } from '../core/errors.ts';
import type { Channel, WorkerListener } from './channel.ts';
import type { KeepEvent } from './events.ts';
import type { Asked, Setup, Told } from './protocol.ts';

type Request = Exclude<Asked['kind'], 'start' | 'changed'>;

/** The worker, as the app's thread sees it: questions with answers. Nothing here throws or waits for ever. */
export interface Background {
  /** What keeps it from working; undefined when it works. */
  readonly ready: Promise<Problem | undefined>;
  /** Resolves when it is answered, when `deadline` milliseconds are over, and when the worker dies. */
  ask(kind: Request, deadline?: number): Promise<KeepEvent | undefined>;
  /** The same for an app that is ending: it stops this thread until then. */
  askAndWait(kind: Request, deadline: number): void;
  changed(): void;
  close(): void;
}

export interface WorkerEvents {
  onEvent(event: KeepEvent): void;
  onNote(text: string): void;
  onPending(pending: boolean): void;
  onDeath(problem: Problem): void;
}

export function openBackground(
  open: (listener: WorkerListener) => Channel,
  setup: Omit<Setup, 'answered'>,
  events: WorkerEvents,
): Background {
  const waiting = new Map<number, (event: KeepEvent | undefined) => void>();
  let decide: (problem: Problem | undefined) => void = () => {};
  const ready = new Promise<Problem | undefined>((resolve) => {
    decide = resolve;
  });
  let asked = 0;
  let isOver = false;

  const settleAll = () => {
    for (const settle of waiting.values()) settle(undefined);
  };
  const onTold = (told: Told) => {
    if (told.kind === 'ready') decide(undefined);
    else if (told.kind === 'cannot') decide(told.problem);
    else if (told.kind === 'note') events.onNote(told.text);
    else if (told.kind === 'event') events.onEvent(told.event);
    else if (told.kind === 'pending') events.onPending(told.pending);
    else waiting.get(told.id)?.(told.event);
  };
  const onDeath = (reason: unknown) => {
    if (isOver) return;
    isOver = true;
    settleAll();
    const problem = { code: 'INTERNAL', message: `The worker ended: ${reason}.`, ...inPieces([]) };
    decide(problem);
    events.onDeath(problem);
  };

  const channel = open({ onTold, onDeath });
  channel.hold();
  channel.send({ kind: 'start', setup: { ...setup, answered: channel.answered } });
  void ready.then(() => (waiting.size === 0 ? channel.release() : undefined));

  return {
    ready,
    ask(kind, deadline) {
      if (isOver) return Promise.resolve(undefined);
      const id = ++asked;
      return new Promise((resolve) => {
        const timer = deadline === undefined ? undefined : setTimeout(() => settle(undefined), deadline);
        const settle = (event: KeepEvent | undefined) => {
          clearTimeout(timer);
          waiting.delete(id);
          if (waiting.size === 0) channel.release();
          resolve(event);
        };
        waiting.set(id, settle);
        channel.hold();
        channel.send({ kind, id });
      });
    },
    changed() {
      if (!isOver) channel.send({ kind: 'changed' });
    },
    askAndWait(kind, deadline) {
      if (isOver) return;
      const id = ++asked;
      const end = performance.now() + deadline;
      channel.send({ kind, id });
      for (;;) {
        const last = channel.lastAnswer();
        const left = end - performance.now();
        if (last >= id || left <= 0) return;
        channel.sleep(last, left);
      }
    },
    close() {
      isOver = true;
      settleAll();
      channel.close();
    },
  };
}
