import { canCancel, type Job, type Jobs } from './jobs.ts';
import type { View } from './layout.ts';
import { progressWords } from './pages/job.ts';
import { stream } from './respond.ts';

/** Proxies close what is silent for long. */
const SIGN_OF_LIFE_MS = 15_000;

/** What a job is doing, as it happens (server-sent events). `leave` is called when nobody watches any more. */
export function progressEvents(view: View, jobs: Jobs, first: Job, leave: () => void): Response {
  const encoder = new TextEncoder();
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const tell = (job: Job) => {
        const { done = 0, total = 0 } = job.progress ?? {};
        const told = { state: job.state, done, total, words: progressWords(view, job), canCancel: canCancel(job) };
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(told)}\n\n`));
        if (job.state === 'running') return;
        stop();
        controller.close();
      };
      const forget = jobs.watch(first.id, tell);
      const alive = setInterval(() => controller.enqueue(encoder.encode(':\n\n')), SIGN_OF_LIFE_MS);
      alive.unref();
      stop = () => {
        clearInterval(alive);
        forget();
        leave();
      };
      tell(first);
    },
    cancel: () => stop(),
  });
  return stream(body, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
}
