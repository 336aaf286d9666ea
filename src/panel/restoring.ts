import { userName } from '../core/names.ts';
import { html } from './html.ts';
import { isMuch } from './is-much.ts';
import { importCard, restorePage } from './pages/restore.ts';
import { undoable } from './undoable.ts';
import { begin, fields, show, showJob, type Visit } from './visit.ts';
import type { Scope } from './worker/plan.ts';

/** Which backup is to come back, and what of it; without a name the newest. Where there is none, a document may still be. */
export async function showRestore(
  visit: Visit,
  name: string | undefined,
  error?: string,
  status = 200,
): Promise<Response> {
  const { view, backend, settled, query, now } = visit;
  const { t } = view;
  const [place, snapshots, counted] = await Promise.all([
    backend.place(),
    backend.ask('snapshots', undefined),
    name === undefined ? backend.ask('timeline', NOTHING_BUT_COUNTS) : undefined,
  ]);
  if (counted?.backups === 0) {
    const said = error !== undefined && html`<p class="notice red" role="alert">${error}</p>`;
    const body = html`<h1>${t.restore}</h1>${said}<p class="soft">${t.noBackup}</p>${importCard(view, settled.largestUpload)}`;
    return show(visit, t.restore, 'restore', body, status);
  }
  const found = await backend.ask('browse', name === undefined ? {} : { name });
  const wanted = { tables: query.getAll('table'), rows: numbersIn(query) };
  const { isFile, bringsRows } = place;
  const around = { isFile, bringsRows, undo: undoable(snapshots, now()), largestUpload: settled.largestUpload };
  return show(
    visit,
    t.restoreTitle(found.entry.name),
    'restore',
    restorePage(view, found, wanted, around, error),
    status,
  );
}

export const NOTHING_BUT_COUNTS = { show: 'backups', search: '', from: 0, limit: 0 } as const;

const MOST_ROWS = 500;
const numbersIn = (form: URLSearchParams) =>
  form
    .getAll('row')
    .flatMap((row) => (/^\d{1,15}$/.test(row) ? [Number(row)] : []))
    .slice(0, MOST_ROWS);

/** Looks at what would change. */
export async function previewRestore(visit: Visit): Promise<Response> {
  const name = userName(visit.param);
  const scope = scopeIn(await fields(visit));
  if (scope === undefined) return showRestore(visit, name, visit.view.t.pickTables, 422);
  return begin(visit, { name: 'preview', args: { name, scope } }, name);
}

function scopeIn(form: URLSearchParams): Scope | undefined {
  const withParents = form.get('parents') === 'yes';
  const tables = form.getAll('table');
  const [of, numbers] = [form.get('of'), numbersIn(form)];
  switch (form.get('scope')) {
    case 'tables':
      return tables.length === 0
        ? undefined
        : { kind: 'tables', tables, exact: form.get('exact') === 'yes', withParents };
    case 'rows':
      return of === null || numbers.length === 0 ? undefined : { kind: 'rows', table: of, numbers, withParents };
    default:
      return { kind: 'all' };
  }
}

/** Only what was looked at before, and where much would be lost only with the backup's name typed. */
export async function restoreLookedAt(visit: Visit): Promise<Response> {
  const { backend, view } = visit;
  const name = userName(visit.param);
  const form = await fields(visit);
  const preview = backend.jobs.find(form.get('preview') ?? '');
  if (preview?.order.name !== 'preview' || preview.outcome?.name !== 'preview' || preview.about !== name)
    return showRestore(visit, name, view.t.lookFirst, 409);
  if (isMuch(preview.outcome.value) && (form.get('confirm') ?? '').trim() !== name)
    return showJob({ ...visit, param: preview.id }, view.t.confirmWrong);
  const { scope } = preview.order.args;
  if (scope.kind === 'all') return begin(visit, { name: 'restore', args: { name } }, name);
  return begin(visit, { name: 'bring', args: { name, scope } }, name);
}
