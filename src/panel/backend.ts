import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { makeLocalFolder } from '../local/place.ts';
import { type AuditEntry, note } from './audit.ts';
import { type ChangeWatch, createChangeWatch } from './change-watch.ts';
import { type ConcurrencyLimit, createConcurrencyLimit } from './concurrency-limit.ts';
import { PRIVATE_HEADERS, plain } from './headers.ts';
import { type Calling, type Helper, startHelper } from './helper.ts';
import { createJobRunner } from './job-runner.ts';
import { createJobs, type Job, type Jobs, type Order } from './jobs.ts';
import type { SettledPanel } from './options.ts';
import { createQueue } from './queue.ts';
import { createUploads, type Uploads } from './uploads.ts';
import type { Act, Asks, Place } from './worker/acts.ts';

/** What the pages work with: questions, jobs, and the log of both. */
export interface Backend {
  readonly jobs: Jobs;
  place(): Promise<Place>;
  ask<N extends Act>(name: N, args: Asks[N][0]): Promise<Asks[N][1]>;
  /** Begins a job; undefined while another one runs. */
  begin(order: Order, about: string, who: string): Promise<Job | undefined>;
  note(entry: Omit<AuditEntry, 'time'>): Promise<void>;
  /** The database now, or a backup, as one document or as a database by itself; undefined while too many want one. */
  document(
    name: string | undefined,
    as: 'json' | 'db',
    who: string,
  ): Promise<{ readonly bytes: number; readonly body: ReadableStream<Uint8Array> } | undefined>;
  /** Answers CI, which pulls from here. */
  pull(request: Request, what: 'listing' | 'file', who: string): Promise<Response>;
  readonly uploads: Uploads;
  /** Who watches a job as it goes on, and who is sending a document. */
  readonly watching: ConcurrencyLimit;
  readonly sending: ConcurrencyLimit;
  /** Whether the first page would say something else. */
  readonly changeWatch: ChangeWatch;
  close(): void;
}

/** Each of these has a process of its own that reads the whole database. */
const EXPORTS_WAITING = 8;
const EXPORTS_OF_ONE_CALLER = 4;

/** A window that is open on a job's page is one of them. */
const WATCHERS = 64;
const WATCHERS_OF_ONE_CALLER = 16;

/** Each is in memory until it is whole. */
const SENDERS = 2;
const SENDERS_OF_ONE_CALLER = 1;

/** A helper that nobody asks anything any more gives its memory back. */
const IDLE_MS = 5 * 60 * 1000;

export function openBackend(calling: Calling, settled: SettledPanel, now: () => Date): Backend {
  const { logger } = settled;
  const { start = startHelper } = calling;
  const jobs = createJobs(now);
  let answerer: Helper | undefined;
  let idle: NodeJS.Timeout | undefined;
  let place: Promise<Place> | undefined;
  const exports = createQueue(EXPORTS_WAITING, EXPORTS_OF_ONE_CALLER);

  const ask: Backend['ask'] = async (name, args) => {
    if (answerer === undefined) {
      const fresh = start(calling);
      answerer = fresh;
      void fresh.ended.then(() => {
        if (answerer === fresh) answerer = undefined;
      });
    }
    clearTimeout(idle);
    const asked = answerer;
    idle = setTimeout(() => {
      asked.release();
      answerer = undefined;
    }, IDLE_MS).unref();
    return asked.ask(name, args);
  };

  const whereabouts = () => {
    place ??= ask('place', undefined);
    place.catch(() => {
      place = undefined;
    });
    return place;
  };

  const scratchFolder = async () => makeLocalFolder((await whereabouts()).local, 'scratch');
  const uploads = createUploads(scratchFolder);

  const noted: Backend['note'] = async (entry) =>
    note((await whereabouts()).local, { time: now().toISOString(), ...entry });

  const isFile = async () => (await whereabouts()).isFile;
  const changeWatch = createChangeWatch(() => ask('nowMark', undefined));
  const runner = createJobRunner(calling, settled, { scratchFolder, isFile }, uploads);

  return {
    jobs,
    uploads,
    watching: createConcurrencyLimit(WATCHERS, WATCHERS_OF_ONE_CALLER),
    sending: createConcurrencyLimit(SENDERS, SENDERS_OF_ONE_CALLER),
    changeWatch,
    ask,
    place: whereabouts,
    note: noted,
    async begin(order, about, who) {
      if (jobs.running() !== undefined) return undefined;
      const action = actionOf(order);
      // What cannot be noted is not done.
      await noted({ who, action, about, outcome: 'begun' });
      const job = jobs.start(order, about, (onProgress) => runner.run(order, onProgress));
      if (job === undefined) return undefined;
      if (order.name === 'import') uploads.take(order.args.file);
      const forget = jobs.watch(job.id, ({ state, problem }) => {
        if (state === 'running') return;
        forget();
        const code = problem === undefined ? {} : { code: problem.code };
        if (problem !== undefined) logger.warn(`overwinter: ${action} from the panel failed: ${problem.message}`);
        noted({ who, action, about, outcome: state, ...code }).catch((error: unknown) =>
          logger.error(`overwinter: the audit log could not be written: ${error}`),
        );
      });
      return job;
    },
    document: async (name, as, who) =>
      exports.run(who, async () => {
        const helper = start(calling);
        const file = join(await scratchFolder(), `export-${randomBytes(9).toString('hex')}.${as}`);
        try {
          const { bytes } = await helper.ask('export', { file, as, ...(name === undefined ? {} : { name }) });
          const opened = createReadStream(file);
          await new Promise((done, fail) => opened.once('open', done).once('error', fail));
          return { bytes, body: bytesOf(opened) };
        } finally {
          helper.release();
          // Who reads has it open.
          await rm(file, { force: true });
        }
      }),
    async pull(request, what, who) {
      if (what === 'file') return pulled(request, ask);
      // Saving reads the whole database: pages are not to wait for it.
      const listing = exports.run(who, async () => {
        const helper = start(calling);
        try {
          return await pulled(request, helper.ask);
        } finally {
          helper.release();
        }
      });
      return listing ?? plain('Others are being answered.', 503, { 'retry-after': '5' });
    },
    close() {
      clearTimeout(idle);
      uploads.close();
      changeWatch.close();
      answerer?.kill();
      answerer = undefined;
      runner.close();
    },
  };
}

async function pulled(request: Request, ask: Backend['ask']): Promise<Response> {
  const known = request.headers.get('if-none-match');
  const { status, headers, body } = await ask('pull', {
    url: request.url,
    method: request.method,
    headers: known === null ? {} : { 'if-none-match': known },
  });
  const hasBody = status !== 304 && request.method !== 'HEAD';
  return new Response(hasBody ? Buffer.from(body, 'base64') : null, {
    status,
    headers: { ...headers, ...PRIVATE_HEADERS },
  });
}

/** What the log calls it. */
function actionOf(order: Order): string {
  if (order.name === 'trial') return 'import preview';
  return order.name === 'prune' && order.args.dryRun ? 'prune preview' : order.name;
}

async function* chunksOf(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield chunk;
}

function bytesOf(stream: Readable): ReadableStream<Uint8Array> {
  const chunks = chunksOf(stream);
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void stream.destroy(),
  });
}
