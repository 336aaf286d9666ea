import type { Desk } from './desk.ts';
import { stream } from './respond.ts';

/** Looking takes at most a twentieth of a processor, however large the database is and however many watch. */
const EVERY_MS = 3000;
const REST = 20;

/** Tells whoever watches when what the first page shows is something else. Nobody looks while nobody watches. */
export interface Pulse {
  /** Returns what ends it. */
  watch(onChange: () => void): () => void;
  close(): void;
}

export function createPulse(look: () => Promise<string>): Pulse {
  const watchers = new Set<() => void>();
  let known: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const beat = async () => {
    const begun = performance.now();
    // What cannot be looked at now is looked at again.
    const found = await look().catch(() => known);
    const isNews = known !== undefined && found !== known;
    known = found;
    if (isNews) for (const tell of [...watchers]) tell();
    if (watchers.size > 0) rest(Math.max(EVERY_MS, REST * (performance.now() - begun)));
  };
  const rest = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void beat(), milliseconds).unref();
  };
  const close = () => {
    clearTimeout(timer);
    timer = undefined;
    known = undefined;
  };
  return {
    watch(onChange) {
      watchers.add(onChange);
      if (watchers.size === 1) void beat();
      return () => {
        watchers.delete(onChange);
        if (watchers.size === 0) close();
      };
    },
    close() {
      watchers.clear();
      close();
    },
  };
}

/** Proxies close what is silent for long. */
const SIGN_OF_LIFE_MS = 15_000;
/** Then the browser asks again, and is let in again or not. */
const LASTS_MS = 10 * 60_000;

/** News as they come (server-sent events): what they are, the page itself says. `leave` is called when nobody listens any more. */
export function liveEvents({ pulse, jobs }: Pick<Desk, 'pulse' | 'jobs'>, leave: () => void): Response {
  const bytes = (text: string) => new TextEncoder().encode(text);
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const tell = () => controller.enqueue(bytes('data: changed\n\n'));
      const forget = [pulse.watch(tell), jobs.watchAll(tell)];
      const alive = setInterval(() => controller.enqueue(bytes(':\n\n')), SIGN_OF_LIFE_MS).unref();
      const over = setTimeout(() => {
        stop();
        controller.close();
      }, LASTS_MS).unref();
      stop = () => {
        clearInterval(alive);
        clearTimeout(over);
        for (const each of forget) each();
        leave();
      };
      controller.enqueue(bytes('retry: 5000\n\n'));
    },
    cancel: () => stop(),
  });
  return stream(body, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
}
