import { userName } from '../core/names.ts';
import { noSnapshot } from '../core/problems/backups.ts';
import { ASSETS } from './assets.ts';
import { lastEntries } from './audit.ts';
import { plain } from './guards.ts';
import { dropTried, importTried, tryUpload } from './importing.ts';
import { layout } from './layout.ts';
import type { Rights } from './options.ts';
import { backupPage, backupsPage } from './pages/backups.ts';
import {
  activityPage,
  cleanUpPage,
  problemPage,
  restorePage,
  snapshotsPage,
  transferPage,
  undoPage,
} from './pages/care.ts';
import { comparePage } from './pages/compare.ts';
import { overviewPage } from './pages/overview.ts';
import { ROWS_A_PAGE, rowsPage } from './pages/rows.ts';
import { progressEvents } from './progress.ts';
import { asset, metrics, page, seeOther, stream } from './respond.ts';
import { begin, fields, notFound, PATIENCE_MS, show, showJob, type Visit } from './visit.ts';

type Answer = (visit: Visit) => Promise<Response>;

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
  route('GET', 'export', 'read', ({ desk, request, caller }) => desk.pull(request, 'listing', caller.name)),
  route('GET', 'export/**', 'read', ({ desk, request, caller }) => desk.pull(request, 'file', caller.name)),
  route('GET', 'metrics', 'read', async ({ desk }) => metrics(await desk.ask('metrics', undefined))),
  route('GET', '', 'read', async (visit) =>
    show(
      visit,
      visit.view.t.overview,
      'overview',
      overviewPage(visit.view, await visit.desk.ask('overview', undefined), visit.now()),
    ),
  ),
  route('GET', 'backups', 'read', async (visit) =>
    show(
      visit,
      visit.view.t.backups,
      'backups',
      backupsPage(visit.view, await visit.desk.ask('catalog', undefined), wholeNumber(visit, 'page')),
    ),
  ),
  route('GET', 'backups/*', 'read', async (visit) =>
    show(visit, visit.param, 'backups', backupPage(visit.view, await visit.desk.ask('detail', { name: visit.param }))),
  ),
  route('GET', 'backups/*/rows', 'read', rows),
  route('GET', 'backups/*/download', 'read', (visit) => download(visit, userName(visit.param))),
  route('GET', 'backups/*/restore', 'write', async (visit) => {
    const name = userName(visit.param);
    return show(visit, visit.view.t.restoreTitle(name), 'backups', restorePage(visit.view, name));
  }),
  route('POST', 'backups/*/preview', 'write', (visit) => {
    const name = userName(visit.param);
    return begin(visit, { name: 'preview', args: { name } }, name);
  }),
  route('POST', 'backups/*/restore', 'write', restore),
  route('POST', 'backup', 'write', backup),
  route('POST', 'verify', 'read', async (visit) => {
    const name = (await fields(visit)).get('name');
    return begin(visit, { name: 'verify', args: name === null ? {} : { name: userName(name) } }, name ?? '');
  }),
  route('GET', 'compare', 'read', async (visit) =>
    show(visit, visit.view.t.compare, 'compare', comparePage(visit.view, await visit.desk.ask('catalog', undefined))),
  ),
  route('POST', 'compare', 'read', compare),
  route('GET', 'snapshots', 'read', async (visit) =>
    show(
      visit,
      visit.view.t.snapshots,
      'snapshots',
      snapshotsPage(visit.view, await visit.desk.ask('snapshots', undefined)),
    ),
  ),
  route('POST', 'snapshots', 'write', async (visit) => {
    const label = ((await fields(visit)).get('label') ?? '').trim().slice(0, 100) || visit.view.t.jobs.snapshot;
    return begin(visit, { name: 'snapshot', args: { label } }, label);
  }),
  route('GET', 'snapshots/*', 'write', async (visit) => {
    const found = await snapshotOf(visit, visit.param);
    return show(visit, visit.view.t.undo, 'snapshots', undoPage(visit.view, found));
  }),
  route('POST', 'undo', 'write', async (visit) => {
    const found = await snapshotOf(visit, (await fields(visit)).get('id') ?? '');
    return begin(visit, { name: 'undo', args: { id: found.id } }, found.label);
  }),
  route('GET', 'clean-up', 'read', async (visit) =>
    show(visit, visit.view.t.cleanUp, 'cleanUp', cleanUpPage(visit.view, (await visit.desk.place()).retention)),
  ),
  route('POST', 'clean-up/preview', 'write', (visit) => begin(visit, { name: 'prune', args: { dryRun: true } }, '')),
  route('POST', 'clean-up', 'write', cleanUp),
  route('GET', 'transfer', 'read', async (visit) =>
    show(visit, visit.view.t.transfer, 'transfer', transferPage(visit.view, visit.settled.largestUpload)),
  ),
  route('GET', 'download', 'read', (visit) => download(visit, undefined)),
  route('POST', 'import', 'write', tryUpload),
  route('POST', 'import/confirm', 'write', importTried),
  route('POST', 'import/drop', 'write', dropTried),
  route('GET', 'activity', 'read', async (visit) =>
    show(
      visit,
      visit.view.t.activity,
      'activity',
      activityPage(visit.view, await lastEntries((await visit.desk.place()).local, ACTIVITY_SHOWN)),
    ),
  ),
  route('GET', 'jobs/*', 'read', async (visit) => showJob(visit)),
  route('GET', 'jobs/*/events', 'read', async ({ view, desk, param, caller }) => {
    const job = desk.jobs.find(param);
    if (job === undefined) return page(layout(view, notFound(view)), 404);
    const leave = desk.watching.enter(caller.name);
    return leave === undefined ? plain(view.t.crowded, 503) : progressEvents(view, desk.jobs, job, leave);
  }),
  route('POST', 'jobs/*/cancel', 'write', async ({ desk, view, param }) => {
    desk.jobs.cancel(param);
    await desk.jobs.settled(param, PATIENCE_MS);
    return seeOther(view.at('jobs', param));
  }),
];

const ACTIVITY_SHOWN = 200;
function wholeNumber({ query }: Visit, key: string): number {
  const value = Number(query.get(key) ?? 0);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

async function rows(visit: Visit): Promise<Response> {
  const { query, desk, param: name, view } = visit;
  const asked = {
    table: query.get('table') ?? '',
    from: wholeNumber(visit, 'from'),
    search: (query.get('search') ?? '').slice(0, 200),
  };
  const found = await desk.ask('rows', { name, limit: ROWS_A_PAGE, ...asked });
  return show(visit, asked.table, 'backups', rowsPage(view, found, asked));
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

/** Only what was looked at before, and only with the backup's name typed. */
async function restore(visit: Visit): Promise<Response> {
  const { desk, view } = visit;
  const name = userName(visit.param);
  const form = await fields(visit);
  const preview = desk.jobs.find(form.get('preview') ?? '');
  if (preview?.outcome?.name !== 'preview' || preview.about !== name) {
    const body = problemPage(view, view.t.restoreTitle(name), view.t.lookFirst);
    return show(visit, view.t.restoreTitle(name), 'backups', [body, restorePage(view, name)], 409);
  }
  if ((form.get('confirm') ?? '').trim() !== name) return showJob({ ...visit, param: preview.id }, view.t.confirmWrong);
  return begin(visit, { name: 'restore', args: { name } }, name);
}

async function compare(visit: Visit): Promise<Response> {
  const form = await fields(visit);
  const from = userName(form.get('from') ?? '');
  const to = form.get('to') ?? '';
  const args = to === '' ? { from } : { from, to: userName(to) };
  return begin(visit, { name: 'diff', args }, to === '' ? from : `${from} → ${to}`);
}

async function snapshotOf({ desk }: Visit, id: string) {
  const found = (await desk.ask('snapshots', undefined)).find((each) => each.id === id);
  if (found === undefined) throw noSnapshot((await desk.place()).db)();
  return found;
}

async function cleanUp(visit: Visit): Promise<Response> {
  const { desk, view } = visit;
  const preview = desk.jobs.find((await fields(visit)).get('preview') ?? '');
  if (preview?.outcome?.name !== 'prune') return seeOther(view.at('clean-up'));
  return begin(visit, { name: 'prune', args: { dryRun: false } }, '');
}

async function download(visit: Visit, name: string | undefined): Promise<Response> {
  const { desk, caller, now, view } = visit;
  await desk.note({ who: caller.name, action: 'download', about: name ?? '', outcome: 'begun' });
  const made = await desk.document(name, caller.name);
  if (made === undefined) {
    const { busyTitle, busyDownload } = view.t;
    return show(visit, busyTitle, 'transfer', problemPage(view, busyTitle, busyDownload), 503);
  }
  await desk.note({ who: caller.name, action: 'download', about: name ?? '', outcome: 'done' });
  const { bytes, body } = made;
  const file = name ?? `export_${now().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')}`;
  return stream(body, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(bytes),
    'content-disposition': `attachment; filename="${file}.json"`,
  });
}
