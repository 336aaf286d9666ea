import { type ErrorCode, OverwinterError, reasonOf } from '../core/errors.ts';
import { projectRoot } from '../local/place.ts';
import { startedIn } from '../project/package-manager.ts';
import type { Backend } from './backend.ts';
import { openBackend } from './backend.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import { noRequest } from './headers.ts';
import type { Calling } from './helper.ts';
import { layout, type View } from './layout.ts';
import type { SettledPanel } from './options.ts';
import { problemPage, whatFailed } from './pages/problem.ts';
import { createRateLimit } from './rate-limit.ts';
import { createReaders, type Reader } from './reader.ts';
import { createRefusals } from './refusals.ts';
import { page } from './respond.ts';
import { accountIn, type Caller, callerOf, clientIn, isSameOrigin } from './rights.ts';
import { ROUTES, type Route } from './routes.ts';
import { notFound } from './visit.ts';

const MINUTE = 60_000;
const FAILED_TRIES_A_MINUTE = 20;
const CHANGES_A_MINUTE = 60;
/** One process answers them all. A browser asks for six things at once, and people may share a name. */
const ANSWERS_AT_ONCE = 48;
const ANSWERS_FOR_ONE_CALLER = 24;

export interface OpenPanel {
  /** `base` is where the browser sees the panel. */
  respond(request: Request, context: unknown, base: string): Promise<Response>;
  close(): void;
}

/** Where a panel is among those of a project's several databases. */
export interface Among {
  readonly name: string;
  /** What leads to it from where the app mounted the first, as all siblings say it. */
  readonly under: string;
  readonly siblings: readonly Pick<Among, 'name' | 'under'>[];
}

const ALONE: Among = { name: '', under: '', siblings: [] };

/** The panel at work: every request comes by here, and is let through or not. */
export function openPanel(
  settled: SettledPanel,
  calling: Calling,
  now: () => Date,
  { name, under, siblings }: Among = ALONE,
): OpenPanel {
  const backend = openBackend(calling, settled, now);
  const readerOf = createReaders(settled, now);
  const failures = createRateLimit(FAILED_TRIES_A_MINUTE, MINUTE, () => now().getTime());
  const changes = createRateLimit(CHANGES_A_MINUTE, MINUTE, () => now().getTime());

  const answering = createConcurrencyLimit(ANSWERS_AT_ONCE, ANSWERS_FOR_ONE_CALLER);

  const program = startedIn(projectRoot(calling.cwd));

  const viewAt = ({ t, format }: Reader, base: string, caller: Caller | undefined): View => ({
    t,
    format,
    at: (...path) => [base + under, ...path.flatMap((each) => each.split('/').map(encodeURIComponent))].join('/'),
    program,
    rights: caller?.rights,
    running: backend.jobs.running(),
    mayReplace: false,
    databases: siblings.map((each) => ({ name: each.name, href: `${base}${each.under}/`, isThis: each.name === name })),
  });

  /** What is no file is replaced while the app has it open. One that cannot be asked is not replaced at all. */
  const mayReplace = async () =>
    settled.withDatabaseClosed !== undefined ||
    backend.place().then(
      ({ isFile }) => !isFile,
      () => false,
    );

  const problem = (view: View, status: number, title: string, text: string, headers: Record<string, string> = {}) =>
    page(layout(view, { title, body: problemPage(view, title, text) }), status, headers);

  const refusals = createRefusals((entry) => noteQuietly(backend, settled, entry));

  /** Whoever brings the right secret never comes here, however often others were wrong. */
  const refuse = async (
    view: View,
    { caller, action, request, context }: Refused,
    status: 401 | 403,
    texts: [string, string],
  ) => {
    await refusals.note({ who: caller?.name ?? 'nobody', action, about: '', outcome: 'refused' });
    const ask: Record<string, string> =
      settled.tokens.length > 0 && caller === undefined
        ? { 'www-authenticate': 'Basic realm="Backups", charset="UTF-8"' }
        : {};
    const account = caller === undefined ? accountIn(request) : undefined;
    const [client, name] = [`client ${clientIn(context)}`, `account ${account}`];
    // Who brings nothing guesses nothing, and must be asked.
    const isWithin = account === undefined || [client, name].map((each) => failures.take(each)).every(Boolean);
    if (isWithin) return problem(view, status, ...texts, ask);
    return problem(view, 429, view.t.limitTitle, view.t.limit, { ...ask, 'retry-after': '60' });
  };

  return {
    close() {
      refusals.close();
      backend.close();
    },
    async respond(request, context, base) {
      const reader = readerOf(request.headers instanceof Headers ? request.headers.get('accept-language') : null);
      const { t } = reader;
      let view = viewAt(reader, base, undefined);
      try {
        const url = addressOf(request);
        if (url === undefined) return noRequest();
        const inside = pathInside(relativeTo(under, relativeTo(base, url.pathname)));
        const method = request.method === 'HEAD' ? 'GET' : request.method;
        const here = inside === undefined ? [] : ROUTES.flatMap((route) => matchOf(route, inside));
        const match = here.find(({ route }) => route.method === method);
        const action = `${method} ${match?.route.path ?? '?'}`;
        const isPublic = match?.route.needs === 'everybody';
        const caller = isPublic ? NOBODY : await callerOf(settled, request, context);
        if (caller instanceof Response) return caller;
        if (caller === undefined) {
          const status = settled.tokens.length > 0 ? 401 : 403;
          return await refuse(view, { caller, action, request, context }, status, [t.loginTitle, t.login]);
        }
        view = viewAt(reader, base, caller);
        if (match === undefined) {
          const [other] = here;
          if (other === undefined) return page(layout(view, notFound(view)), 404);
          return problem(view, 405, t.notFoundTitle, t.notFound, { allow: other.route.method });
        }
        const { route, param } = match;
        if (route.needs === 'write' && caller.rights !== 'write')
          return await refuse(view, { caller, action, request, context }, 403, [t.deniedTitle, t.denied]);
        if (method === 'POST') {
          if (!isSameOrigin(request, caller, settled.host))
            return await refuse(view, { caller, action, request, context }, 403, [t.foreignTitle, t.foreign]);
          if (!changes.take(caller.name)) return problem(view, 429, t.limitTitle, t.limit, { 'retry-after': '60' });
        }
        if (!isPublic) view = { ...view, mayReplace: await mayReplace() };
        const leave = isPublic ? () => {} : answering.enter(caller.name);
        if (leave === undefined) return problem(view, 503, t.limitTitle, t.crowded, { 'retry-after': '5' });
        const visit = { backend, settled, view, request, query: url.searchParams, param, caller, now };
        try {
          return await route.answer(visit);
        } finally {
          leave();
        }
      } catch (error) {
        return failed(view, settled, error);
      }
    },
  };
}

interface Refused {
  readonly caller: Caller | undefined;
  readonly action: string;
  readonly request: Request;
  readonly context: unknown;
}

/** Who gets what is everybody's. */
const NOBODY: Caller = { rights: 'read', name: 'everybody', isProgram: false };

async function noteQuietly(
  backend: Backend,
  { logger }: SettledPanel,
  entry: Parameters<Backend['note']>[0],
): Promise<void> {
  // Turning somebody away must not depend on a disk.
  await backend
    .note(entry)
    .catch((error: unknown) => logger.error(`overwinter: the audit log could not be written: ${reasonOf(error)}`));
}

/** What the web's own `Request` refuses, and some servers' does not. */
const NO_METHODS = ['TRACE', 'CONNECT', 'TRACK'];

/** Undefined where a server hands on what is no request: some look at it only when they are asked. */
function addressOf(request: Request): URL | undefined {
  try {
    const { url, method, headers } = request;
    return headers instanceof Headers && !NO_METHODS.includes(method) ? new URL(url) : undefined;
  } catch {
    return undefined;
  }
}

/** A path from below a base. Hosts that cut the base away before they call are understood too. */
export const relativeTo = (base: string, pathname: string): string =>
  pathname === base || pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname;

/** The segments of a path inside the panel. */
function pathInside(path: string): readonly string[] | undefined {
  try {
    return path.replace(/^\//, '').replace(/\/$/, '').split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function matchOf(route: Route, path: readonly string[]): { readonly route: Route; readonly param: string }[] {
  const wanted = route.path.split('/');
  if (wanted.at(-1) === '**') {
    const isUnder = path.length >= wanted.length && wanted.slice(0, -1).every((each, index) => each === path[index]);
    return isUnder ? [{ route, param: '' }] : [];
  }
  if (wanted.length !== path.length) return [];
  const fits = wanted.every((segment, index) => segment === path[index] || (segment === '*' && path[index] !== ''));
  return fits ? [{ route, param: path[wanted.indexOf('*')] ?? '' }] : [];
}

const NOT_FOUND = ['BACKUP_NOT_FOUND', 'NO_BACKUP', 'NO_SNAPSHOT', 'NAME_INVALID'];
const LATER = ['BUSY', 'DATABASE_LOCKED'];

function statusOf(code: ErrorCode): number {
  if (NOT_FOUND.includes(code)) return 404;
  if (LATER.includes(code)) return 503;
  // The app lacks the key; it is no fault, and nothing that whoever asks may or may not.
  return code === 'WRONG_KEY' ? 409 : 500;
}

function failed(view: View, { logger }: SettledPanel, error: unknown): Response {
  const { t } = view;
  if (!(error instanceof OverwinterError)) {
    logger.error(`overwinter: the panel failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    return page(layout(view, { title: t.errorTitle, body: problemPage(view, t.errorTitle, t.fault) }), 500);
  }
  const body = problemPage(view, t.errorTitle, whatFailed(view, error), error.hintPieces);
  return page(layout(view, { title: t.errorTitle, body }), statusOf(error.code));
}
