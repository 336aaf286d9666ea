import { problemOf } from '../core/errors.ts';
import type { Backend } from './backend.ts';
import { readFields } from './body.ts';
import { html, type Piece } from './html.ts';
import type { Order } from './jobs.ts';
import { layout, type Section, type View } from './layout.ts';
import type { SettledPanel } from './options.ts';
import { jobPage } from './pages/job.ts';
import { problemPage } from './pages/problem.ts';
import { page, seeOther } from './respond.ts';
import type { Caller } from './rights.ts';

/** One request that may be answered. */
export interface Visit {
  readonly backend: Backend;
  readonly settled: SettledPanel;
  readonly view: View;
  readonly request: Request;
  readonly query: URLSearchParams;
  /** What stands in the path where the route says `*`. */
  readonly param: string;
  readonly caller: Caller;
  readonly now: () => Date;
}

/** What is done sooner needs no page of its own that shows it being done. */
export const PATIENCE_MS = 700;

export const show = async ({ view }: Visit, title: string, section: Section | undefined, body: Piece, status = 200) =>
  page(layout(view, { title, section, body }), status);

export const notFound = (view: View) => ({
  title: view.t.notFoundTitle,
  body: problemPage(view, view.t.notFoundTitle, view.t.notFound),
});

/** The fields of the form that was sent; none where they cannot be read, which then are missing like any others. */
export async function fields({ request }: Visit): Promise<URLSearchParams> {
  const found = await readFields(request);
  return typeof found === 'string' ? new URLSearchParams() : found;
}

/** One thing at a time: whoever comes second is shown the first. */
function busy(visit: Visit): Promise<Response> {
  const { backend, view } = visit;
  const { t, at } = view;
  const running = backend.jobs.running();
  const body = [
    problemPage(view, t.busyTitle, t.busy),
    running !== undefined && html`<p><a class="button" href="${at('jobs', running.id)}">${t.seeIt}</a></p>`,
  ];
  return show(visit, t.busyTitle, undefined, body, 409);
}

/** Before something large is taken in only to be turned away: the answer to send, where another job runs. */
export const mustBeFree = async (visit: Visit): Promise<Response | undefined> =>
  visit.backend.jobs.running() === undefined ? undefined : busy(visit);

/** Begins a job and sends to its page; says so where another one runs. */
export async function begin(visit: Visit, order: Order, about: string): Promise<Response> {
  const { backend, view, caller } = visit;
  const job = await backend.begin(order, about, caller.name);
  if (job === undefined) return busy(visit);
  await backend.jobs.settled(job.id, PATIENCE_MS);
  return seeOther(view.at('jobs', job.id));
}

/** Does what is over in a moment; the log has who wanted it and what came of it. */
export async function deed<T>(
  { backend, caller }: Visit,
  { action, about }: { readonly action: string; readonly about: string },
  work: () => Promise<T>,
): Promise<T> {
  const who = caller.name;
  // What cannot be noted is not done.
  await backend.note({ who, action, about, outcome: 'begun' });
  try {
    const done = await work();
    await backend.note({ who, action, about, outcome: 'done' });
    return done;
  } catch (error) {
    await backend.note({ who, action, about, outcome: 'failed', code: problemOf(error).code });
    throw error;
  }
}

const SECTION_OF: Readonly<Record<Order['name'], Section>> = {
  backup: 'now',
  push: 'now',
  preview: 'restore',
  bring: 'restore',
  restore: 'restore',
  verify: 'timeline',
  diff: 'timeline',
  snapshot: 'timeline',
  undo: 'restore',
  prune: 'timeline',
  trial: 'restore',
  import: 'restore',
};

export async function showJob(visit: Visit, error?: string): Promise<Response> {
  const { view, backend, param } = visit;
  const job = backend.jobs.find(param);
  if (job === undefined) return page(layout(view, notFound(view)), 404);
  const refreshes = job.state === 'running';
  return page(
    layout(view, {
      title: view.t.jobs[job.order.name],
      section: SECTION_OF[job.order.name],
      body: jobPage(view, job, error),
      refreshes,
    }),
    error === undefined ? 200 : 422,
  );
}
