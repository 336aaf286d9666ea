import type { Backend } from './backend.ts';
import { stream } from './respond.ts';

/** Proxies close what is silent for long. */
const SIGN_OF_LIFE_MS = 15_000;
/** Then the browser asks again, and is let in again or not. */
const LASTS_MS = 10 * 60_000;

/** News as they come (server-sent events): what they are, the page itself says. `leave` is called when nobody listens any more. */
export function liveEvents({ changeWatch, jobs }: Pick<Backend, 'changeWatch' | 'jobs'>, leave: () => void): Response {
  const bytes = (text: string) => new TextEncoder().encode(text);
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const tell = () => controller.enqueue(bytes('data: changed\n\n'));
      const forget = [changeWatch.watch(tell), jobs.watchAll(tell)];
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
