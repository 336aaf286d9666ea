import { userName } from '../core/names.ts';
import { noSnapshot } from '../core/problems/backups.ts';
import { ASSETS } from './assets.ts';
import { plain } from './headers.ts';
import { html } from './html.ts';
import { dropTried, importTried, tryUpload } from './importing.ts';
import { layout } from './layout.ts';
import { liveEvents } from './live-events.ts';
import type { Rights } from './options.ts';
import { browsePage } from './pages/browse.ts';
import { nowPage } from './pages/now.ts';
import { problemPage } from './pages/problem.ts';
import { rowPage, rowsAsked, rowsPage } from './pages/rows.ts';
import { A_PAGE, deletePage, timelinePage } from './pages/timeline.ts';
import { undoPage } from './pages/undo.ts';
import { progressEvents } from './progress.ts';
import { asset, metrics, page, seeOther, stream } from './respond.ts';
import { NOTHING_BUT_COUNTS, previewRestore, restoreLookedAt, showRestore } from './restoring.ts';
import { begin, deed, fields, notFound, PATIENCE_MS, show, showJob, type Visit } from './visit.ts';
import { SHOWN } from './worker/timeline.ts';

type Answer = (visit: Visit) => Promise<Response> | Response;

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** `everybody` is for what is the same for everybody: styles. */
  readonly needs: Rights | 'everybody';
  readonly answer: Answer;
}

const route = (method: Route['method'], path: string, needs: Route['needs'], answer: Answer): Route => ({
  method,
  path,
  needs,
  answer,
});

/** Every address of the panel, and the rights it needs. Only POST changes anything. */
export const ROUTES: readonly Route[] = [
  ...Object.entries(ASSETS).map(([file, [text, type]]) =>
    route('GET', file, 'everybody', async () => asset(text, type)),
  ),
  // CI pulls from here.
  route('GET', 'export', 'read', ({ backend, request, caller }) => backend.pull(request, 'listing', caller.name)),
  route('GET', 'export/**', 'read', ({ backend, request, caller }) => backend.pull(request, 'file', caller.name)),
  route('GET', 'metrics', 'read', async ({ backend }) => metrics(await backend.ask('metrics', undefined))),
  route('GET', '', 'read', async (visit) =>
    show(visit, visit.view.t.now, 'now', nowPage(visit.view, await visit.backend.ask('now', undefined))),
  ),
  route('GET', 'events', 'read', async ({ view, backend, caller }) => {
    const leave = backend.watching.enter(caller.name);
    return leave === undefined ? plain(view.t.crowded, 503) : liveEvents(backend, leave);
  }),
  route('POST', 'bring-back', 'write', async (visit) => {
    const name = userName((await fields(visit)).get('name') ?? '');
    return begin(visit, { name: 'restore', args: { name, whereNothingIs: true } }, name);
  }),
  route('POST', 'push', 'write', (visit) => begin(visit, { name: 'push', args: undefined }, '')),
  route('GET', 'timeline', 'read', (visit) => showTimeline(visit)),
  route('GET', 'browse', 'read', (visit) => {
    const at = visit.query.get('at');
    return at === null ? browse(visit, undefined) : seeOther(visit.view.at('backups', userName(at)));
  }),
  route('GET', 'backups/*', 'read', (visit) => browse(visit, visit.param)),
  route('GET', 'backups/*/rows', 'read', async (visit) => {
    const asked = rowsAsked(visit.param, visit.query);
    const { view, backend } = visit;
    const [found, { bringsRows }] = await Promise.all([backend.ask('rows', asked), backend.place()]);
    return show(visit, asked.table, 'browse', rowsPage(view, found, asked, bringsRows));
  }),
  route('GET', 'backups/*/row', 'read', async (visit) => {
    const { param: name, query, backend, view } = visit;
    const asked = { name, table: query.get('table') ?? '', number: wholeNumber(visit, 'number') };
    const found = await backend.ask('row', asked);
    return show(visit, asked.table, 'browse', rowPage(view, found, asked), found.line === undefined ? 404 : 200);
  }),
  route('GET', 'backups/*/download', 'read', (visit) => download(visit, userName(visit.param))),
  route('GET', 'backups/*/download-db', 'read', (visit) => download(visit, userName(visit.param), 'db')),
  route('POST', 'backups/*/name', 'write', nameIt),
  route('GET', 'backups/*/delete', 'write', async (visit) => {
    const name = userName(visit.param);
    const found = await visit.backend.ask('remove', { name, dryRun: true });
    return show(visit, visit.view.t.deleteTitle(name), 'timeline', deletePage(visit.view, name, found));
  }),
  route('POST', 'backups/*/delete', 'write', deleteIt),
  route('GET', 'restore', 'write', (visit) => {
    const at = visit.query.get('at');
    return at === null ? showRestore(visit, undefined) : seeOther(visit.view.at('backups', userName(at), 'restore'));
  }),
  route('GET', 'backups/*/restore', 'write', (visit) => showRestore(visit, userName(visit.param))),
  route('POST', 'backups/*/preview', 'write', previewRestore),
  route('POST', 'backups/*/restore', 'write', restoreLookedAt),
  route('POST', 'backup', 'write', backup),
  route('POST', 'verify', 'read', async (visit) => {
    const name = (await fields(visit)).get('name');
    return begin(visit, { name: 'verify', args: name === null ? {} : { name: userName(name) } }, name ?? '');
  }),
  route('POST', 'compare', 'read', compare),
  route('POST', 'snapshots', 'write', async (visit) => {
    const label = ((await fields(visit)).get('label') ?? '').trim().slice(0, 100) || visit.view.t.jobs.snapshot;
    return begin(visit, { name: 'snapshot', args: { label } }, label);
  }),
  route('GET', 'snapshots/*', 'write', async (visit) => {
    const found = await snapshotOf(visit, visit.param);
    return show(visit, visit.view.t.undo, 'restore', undoPage(visit.view, found));
  }),
  route('POST', 'undo', 'write', async (visit) => {
    const found = await snapshotOf(visit, (await fields(visit)).get('id') ?? '');
    return begin(visit, { name: 'undo', args: { id: found.id } }, found.label);
  }),
  route('POST', 'clean-up/preview', 'write', (visit) => begin(visit, { name: 'prune', args: { dryRun: true } }, '')),
  route('POST', 'clean-up', 'write', cleanUp),
  route('GET', 'download', 'read', (visit) => download(visit, undefined)),
  route('POST', 'import', 'write', tryUpload),
  route('POST', 'import/confirm', 'write', importTried),
  route('POST', 'import/drop', 'write', dropTried),
  route('GET', 'jobs/*', 'read', async (visit) => showJob(visit)),
  route('GET', 'jobs/*/events', 'read', async ({ view, backend, param, caller }) => {
    const job = backend.jobs.find(param);
    if (job === undefined) return page(layout(view, notFound(view)), 404);
    const leave = backend.watching.enter(caller.name);
    return leave === undefined ? plain(view.t.crowded, 503) : progressEvents(view, backend.jobs, job, leave);
  }),
  route('POST', 'jobs/*/cancel', 'write', async ({ backend, view, param }) => {
    backend.jobs.cancel(param);
    await backend.jobs.settled(param, PATIENCE_MS);
    return seeOther(view.at('jobs', param));
  }),
];

async function showTimeline(visit: Visit, error?: string): Promise<Response> {
  const { view, backend, query } = visit;
  const shown = SHOWN.find((each) => each === query.get('show')) ?? 'all';
  const search = (query.get('search') ?? '').slice(0, 100);
  const from = Math.max(0, wholeNumber(visit, 'page') - 1) * A_PAGE;
  const asked = { show: shown, search, from, limit: A_PAGE };
  const [found, place] = await Promise.all([backend.ask('timeline', asked), backend.place()]);
  const body = timelinePage(view, found, asked, place, error);
  return show(visit, view.t.timeline, 'timeline', body, error === undefined ? 200 : 422);
}

async function nameIt(visit: Visit): Promise<Response> {
  const name = userName(visit.param);
  const wanted = ((await fields(visit)).get('name') ?? '').trim();
  const done = await deed(visit, { action: 'name', about: `${name} → ${wanted}` }, () =>
    visit.backend.ask('name', { name, wanted }),
  );
  return seeOther(visit.view.at('backups', done.name));
}

/** One that has to stay is shown again, with why. */
async function deleteIt(visit: Visit): Promise<Response> {
  const name = userName(visit.param);
  const { view, backend } = visit;
  const done = await deed(visit, { action: 'delete', about: name }, () =>
    backend.ask('remove', { name, dryRun: false }),
  );
  return seeOther(done.removed.includes(name) ? view.at('timeline') : view.at('backups', name, 'delete'));
}

function wholeNumber({ query }: Visit, key: string): number {
  const value = Number(query.get(key) ?? 0);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** Where there is no backup, that is said in its place. */
async function browse(visit: Visit, name: string | undefined): Promise<Response> {
  const { view, backend } = visit;
  const { t } = view;
  if (name === undefined && (await backend.ask('timeline', NOTHING_BUT_COUNTS)).backups === 0)
    return show(visit, t.browse, 'browse', html`<h1>${t.browse}</h1><p class="soft">${t.noBackup}</p>`);
  const found = await backend.ask('browse', name === undefined ? {} : { name });
  return show(visit, found.entry.name, 'browse', browsePage(view, found, (await backend.place()).bringsRows));
}

async function backup(visit: Visit): Promise<Response> {
  const form = await fields(visit);
  const given = (form.get('name') ?? '').trim();
  const name = given === '' ? undefined : userName(given);
  // Where tables were named as what was lost, these are what was looked at: another that lost rows since is refused again.
  const lost = form.getAll('lost');
  const isMeant = form.get('allow-shrink') === 'yes';
  const args = { allowShrink: isMeant && lost.length > 0 ? lost : isMeant, ...(name === undefined ? {} : { name }) };
  return begin(visit, { name: 'backup', args }, name ?? '');
}

/** One that was picked is compared with what is there now, and of two the older with the newer. */
async function compare(visit: Visit): Promise<Response> {
  const of = (await fields(visit)).getAll('of').map(userName);
  if (of.length !== 1 && of.length !== 2) return showTimeline(visit, visit.view.t.pickHint);
  return begin(visit, { name: 'diff', args: { of } }, of.join(', '));
}

async function snapshotOf({ backend }: Visit, id: string) {
  const found = (await backend.ask('snapshots', undefined)).find((each) => each.id === id);
  if (found === undefined) throw noSnapshot((await backend.place()).db)();
  return found;
}

async function cleanUp(visit: Visit): Promise<Response> {
  const { backend, view } = visit;
  const preview = backend.jobs.find((await fields(visit)).get('preview') ?? '');
  if (preview?.outcome?.name !== 'prune') return seeOther(view.at('timeline'));
  return begin(visit, { name: 'prune', args: { dryRun: false } }, '');
}

async function download(visit: Visit, name: string | undefined, as: 'json' | 'db' = 'json'): Promise<Response> {
  const { backend, caller, now, view } = visit;
  await backend.note({ who: caller.name, action: 'download', about: name ?? '', outcome: 'begun' });
  const made = await backend.document(name, as, caller.name);
  if (made === undefined) {
    const { busyTitle, busyDownload } = view.t;
    return show(visit, busyTitle, undefined, problemPage(view, busyTitle, busyDownload), 503);
  }
  await backend.note({ who: caller.name, action: 'download', about: name ?? '', outcome: 'done' });
  const { bytes, body } = made;
  const file = name ?? `export_${now().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')}`;
  return stream(body, {
    'content-type': as === 'json' ? 'application/json; charset=utf-8' : 'application/octet-stream',
    'content-length': String(bytes),
    'content-disposition': `attachment; filename="${file}.${as}"`,
  });
}
