import { hintFor } from '../hint.ts';
import { html, type Markup } from '../html.ts';
import { canCancel, type Job, type Outcome } from '../jobs.ts';
import { button, type View } from '../layout.ts';
import { diffResult, previewResult, trialResult } from './compare.ts';
import { leftOutNote } from './left-out.ts';

/** What a job is doing, or what came of it. */
export function jobPage(view: View, job: Job, error?: string): Markup {
  const { t, at } = view;
  const title = t.jobs[job.order.name];
  const heading = html`<div class="head"><div><p class="soft">${title}</p><h1>${stateWords(view, job)}</h1>${job.about !== '' && html`<p class="soft">${job.about}</p>`}</div></div>`;
  if (job.state === 'running') {
    const { done = 0, total = 0 } = job.progress ?? {};
    const bar =
      total > 0
        ? html`<progress aria-label="${t.progress}" max="${total}" value="${done}"></progress>`
        : html`<progress aria-label="${t.progress}"></progress>`;
    return html`${heading}<section class="card" data-events="${at('jobs', job.id, 'events')}">${bar}<p data-words aria-live="polite">${progressWords(view, job)}</p>
<p class="hint">${t.keepsGoing} <noscript>${t.reloads}</noscript></p><div class="row" data-cancel${!canCancel(job) && html` hidden`}>${button(at('jobs', job.id, 'cancel'), t.cancel)}</div></section>`;
  }
  if (job.state === 'cancelled')
    return html`${heading}<section class="card"><p>${t.cancelledWords}</p><p><a href="${at('')}">${t.back}</a></p></section>`;
  if (job.state === 'failed') return html`${heading}${failure(view, job)}`;
  return html`${heading}${job.stopping && html`<p class="notice yellow">${t.tooLate}</p>`}${error !== undefined && html`<p class="notice red" role="alert">${error}</p>`}${job.outcome !== undefined && result(view, job, job.outcome)}`;
}

export function progressWords({ t }: View, { progress, stopping }: Job): string {
  if (stopping) return `${t.stopping}…`;
  if (progress === undefined) return `${t.phases.waiting}…`;
  return `${t.phases[progress.phase]}: ${t.ofRows(progress.done, progress.total)}`;
}

function stateWords({ t }: View, { state, order, outcome }: Job): string {
  if (outcome?.name === 'preview' || outcome?.name === 'trial') return t.wouldChange;
  if (outcome?.name === 'diff') return t.differences;
  if (outcome?.name === 'verify' && outcome.value.some(({ ok }) => !ok)) return t.damagedFound;
  if (outcome?.name === 'prune' && order.name === 'prune' && order.args.dryRun) return t.pruneWhat;
  return { running: t.running, done: t.done, failed: t.failed, cancelled: t.cancelled }[state];
}

const GUARDS = ['BACKUP_EMPTY', 'BACKUP_SHRUNK', 'HELD'];

function failure(view: View, { problem, order }: Job): Markup {
  const { t, at, rights } = view;
  const guarded = order.name === 'backup' && GUARDS.includes(problem?.code ?? '') && rights === 'write';
  return html`<section class="card"><p class="notice red" role="alert">${problem?.code === 'INTERNAL' ? t.fault : problem?.message}</p>${problem !== undefined && problem.hintPieces.length > 0 && html`<p>${t.tryNext} ${hintFor(view, problem.hintPieces)}</p>`}
${guarded && html`<form method="post" action="${at('backup')}" class="fields">${order.args.name !== undefined && html`<input type="hidden" name="name" value="${order.args.name}">`}${(problem?.tables ?? []).map((table) => html`<input type="hidden" name="lost" value="${table}">`)}<label class="check"><input type="checkbox" name="allow-shrink" value="yes" required> ${t.saveAnywayConfirm}</label><button class="danger">${t.saveAnyway}</button></form>`}
<p><a href="${at('')}">${t.back}</a></p></section>`;
}

function result(view: View, job: Job, outcome: Outcome): Markup {
  const { t, at, format, rights } = view;
  switch (outcome.name) {
    case 'backup': {
      const { status, rows, bytesWritten, name, notes } = outcome.value;
      return html`<section class="card"><p>${status === 'created' ? t.savedRows(rows, format.size(bytesWritten)) : t.nothingNew}</p>${leftOutNote(outcome.value, t.leftOut)}${notes.map((each) => html`<p class="notice yellow">${each}</p>`)}<p class="row"><a class="button primary" href="${at('')}">${t.overview}</a><a class="button" href="${at('backups', name)}">${t.openBackup}</a></p></section>`;
    }
    case 'preview':
      return previewCard(view, job, outcome);
    case 'trial':
      return trialCard(view, job, outcome);
    case 'restore':
    case 'import': {
      const { name, rows, snapshot, setAside, skipped, warnings, leftOut } = outcome.value;
      return html`<section class="card"><p>${t.restoredRows(rows, name)}</p>${leftOutNote(leftOut, t.leftOutStays)}${[...skipped.map(({ name: passed, reason }) => `${passed}: ${reason}`), ...warnings.map((each) => `${each}.`)].map((each) => html`<p class="notice yellow">${each}</p>`)}
${setAside !== undefined && html`<p>${t.setAside(setAside)}</p>`}${snapshot !== undefined && rights === 'write' && html`<p class="soft">${t.undoExplained}</p><div class="row">${button(at('undo'), t.undo, 'plain', { id: snapshot.id })}</div>`}
<p><a href="${at('')}">${t.back}</a></p></section>`;
    }
    case 'undo':
      return html`<section class="card"><p>${t.undone(outcome.value.restored.label)}</p><p><a href="${at('')}">${t.back}</a></p></section>`;
    case 'snapshot':
      return html`<section class="card"><p>${t.snapshotTaken}</p><p><a href="${at('timeline')}">${t.timeline}</a></p></section>`;
    case 'verify': {
      const damaged = outcome.value.filter(({ ok }) => !ok).length;
      const all = outcome.value.length;
      return html`<section class="card"><p class="notice ${damaged === 0 ? 'green' : 'red'}">${damaged === 0 ? t.allIntact(all) : t.someDamaged(damaged, all)}</p><ul class="reasons">${outcome.value.map(
        ({ name, ok, rows, problem, hint, leftOut, warnings }) =>
          html`<li class="${ok ? 'green' : 'red'}"><b>${ok ? '✓' : '✗'}</b><span><strong>${name}</strong>: ${ok ? t.intact(rows) : problem}</span>${hint !== undefined && html`<span class="hint">${hintFor(view, hint)}</span>`}${leftOutNote(leftOut, t.leftOut)}${warnings.map((each) => html`<span class="hint">${each}</span>`)}</li>`,
      )}</ul></section>`;
    }
    case 'diff':
      return diffResult(view, outcome.value);
    case 'prune':
      return pruneResult(view, job, outcome.value);
  }
}

function previewCard(view: View, { id, about: name }: Job, { value }: Extract<Outcome, { name: 'preview' }>): Markup {
  const { t, at } = view;
  const told = value.kind === 'diff' ? previewResult(view, value.diff) : withoutDiff(view, value);
  const confirm = {
    action: at('backups', name, 'restore'),
    id,
    name,
    title: t.restoreTitle(name),
    button: t.restoreNow,
  };
  return html`${told}${leftOutNote(value.leftOut, t.leftOutStays)}${confirmation(view, confirm)}`;
}

function trialCard(view: View, { id, about: name }: Job, { value }: Extract<Outcome, { name: 'trial' }>): Markup {
  const { t, at, rights, mayReplace } = view;
  const told = value.kind === 'diff' ? trialResult(view, value.diff) : withoutDiff(view, value);
  const confirm = { action: at('import', 'confirm'), id, name, title: t.importWhat(name), button: t.importNow };
  return html`${value.warnings.map((each) => html`<p class="notice yellow">${each}.</p>`)}${told}${leftOutNote(value.leftOut, t.leftOutStays)}${confirmation(view, confirm)}
${rights === 'write' && mayReplace && html`<div class="row">${button(at('import', 'drop'), t.dropUpload, 'plain', { preview: id })}</div>`}`;
}

function withoutDiff({ t }: View, { kind, rows, tables }: { kind: string; rows: number; tables: number }): Markup {
  return html`<p class="notice yellow">${kind === 'unreadable' ? t.unreadableNow(rows, tables) : t.nothingThere(rows, tables)}</p>`;
}

interface Confirmation {
  readonly action: string;
  /** Of the job that showed what would change. */
  readonly id: string;
  /** What must be typed. */
  readonly name: string;
  readonly title: string;
  readonly button: string;
}

/** The name stands out from the words around it. */
function typeThis(t: View['t'], name: string): Markup {
  const [before = '', after = ''] = t.confirmName('\n').split('\n');
  return html`${before}<code>${name}</code>${after}`;
}

function confirmation({ t, rights, mayReplace }: View, { action, id, name, title, button: words }: Confirmation) {
  if (rights !== 'write') return undefined;
  const form = mayReplace
    ? html`<p class="soft">${t.restoreSafety}</p><form method="post" action="${action}" class="fields"><input type="hidden" name="preview" value="${id}"><label><span>${typeThis(t, name)}</span><input name="confirm" required autocomplete="off" autocapitalize="off" spellcheck="false" data-expected="${name}"></label><button class="danger">${words}</button></form>`
    : html`<p class="notice yellow">${t.cannotReplace}</p>`;
  return html`<section class="card"><h2>${title}</h2>${form}</section>`;
}

function pruneResult(
  view: View,
  { id, order }: Job,
  { removed, kept, bytesFreed, unreadable }: Extract<Outcome, { name: 'prune' }>['value'],
): Markup {
  const { t, at, format, rights } = view;
  const isPreview = order.name === 'prune' && order.args.dryRun;
  const nothing = removed.length === 0 && bytesFreed === 0;
  const words = isPreview
    ? nothing
      ? t.pruneNothing
      : t.pruneWould(removed.length, format.size(bytesFreed), kept.length)
    : t.pruneDid(removed.length, format.size(bytesFreed), kept.length);
  return html`<section class="card">${unreadable.length > 0 && html`<p class="notice red">${t.pruneDamaged}</p><ul class="reasons">${unreadable.map(({ name, reason }) => html`<li class="red"><b>${name}</b><span>${reason}</span></li>`)}</ul>`}<p>${words}</p>
${removed.length > 0 && html`<details open><summary>${t.backupsCount(removed.length)}</summary><ul>${removed.map((name) => html`<li>${name}</li>`)}</ul></details>`}
${isPreview && !nothing && rights === 'write' && html`<div class="row">${button(at('clean-up'), t.pruneNow(removed.length), 'danger', { preview: id })}</div>`}<p><a href="${at('')}">${t.back}</a></p></section>`;
}
