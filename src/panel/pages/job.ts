import type { Problem } from '../../core/errors.ts';
import type { Snapshot } from '../../local/snapshots.ts';
import { hintFor, labelFor } from '../hint.ts';
import { breakable, html, type Markup } from '../html.ts';
import { canCancel, type Job, type Outcome } from '../jobs.ts';
import { button, type View } from '../layout.ts';
import { diffResult } from './compare.ts';
import { leftOutNote } from './left-out.ts';
import { whatFailed } from './problem.ts';
import { previewCard, trialCard } from './restore.ts';

/** What a job is doing, or what came of it. */
export function jobPage(view: View, job: Job, error?: string): Markup {
  const { t, at } = view;
  const title = t.jobs[job.order.name];
  const heading = html`<div class="head"><div><p class="soft">${title}</p><h1>${stateWords(view, job)}</h1>${job.about !== '' && html`<p class="soft">${breakable(job.order.name === 'undo' ? labelFor(view, job.about) : job.about)}</p>`}</div></div>`;
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
    return html`${heading}${job.outcome === undefined ? html`<section class="card"><p>${t.cancelledWords}</p><p><a href="${at('')}">${t.back}</a></p></section>` : result(view, job, job.outcome)}`;
  if (job.state === 'failed') return html`${heading}${failure(view, job)}`;
  return html`${heading}${job.stopping && html`<p class="notice yellow">${t.tooLate}</p>`}${error !== undefined && html`<p class="notice red" role="alert">${error}</p>`}${job.outcome !== undefined && result(view, job, job.outcome)}`;
}

export function progressWords({ t }: View, { progress, stopping }: Job): string {
  if (stopping) return `${t.stopping}…`;
  if (progress === undefined) return `${t.phases.waiting}…`;
  const { step } = progress;
  const which = step === undefined || step.of < 2 ? '' : `${t.ofBackups(step.done + 1, step.of)}. `;
  return `${which}${t.phases[progress.phase]}: ${t.ofRows(progress.done, progress.total)}`;
}

function stateWords({ t }: View, { state, order, outcome }: Job): string {
  if (outcome?.name === 'preview' || outcome?.name === 'trial') return t.wouldChange;
  if (outcome?.name === 'diff') return t.differences;
  if (outcome?.name === 'verify' && outcome.value.found.some(({ ok }) => !ok)) return t.damagedFound;
  if (outcome?.name === 'prune' && order.name === 'prune' && order.args.dryRun) return t.pruneWhat;
  return { running: t.running, done: t.done, failed: t.failed, cancelled: t.cancelled }[state];
}

const GUARDS = ['BACKUP_EMPTY', 'BACKUP_SHRUNK', 'HELD'];

/** Not what was made for development: that it may shrink does not make it the data. */
const canBeSavedAnyway = ({ code, hintPieces }: Problem) =>
  GUARDS.includes(code) &&
  hintPieces.some(
    (piece) =>
      typeof piece === 'object' &&
      'calls' in piece &&
      piece.calls.some((call) => 'own' in call && call.args.includes('--allow-shrink')),
  );

function failure(view: View, { problem, order }: Job): Markup {
  const { t, at, rights } = view;
  const guarded = order.name === 'backup' && problem !== undefined && canBeSavedAnyway(problem) && rights === 'write';
  return html`<section class="card"><p class="notice red" role="alert">${problem?.code === 'INTERNAL' || problem === undefined ? t.fault : whatFailed(view, problem)}</p>${problem !== undefined && problem.hintPieces.length > 0 && html`<p>${t.tryNext} ${hintFor(view, problem.hintPieces)}</p>`}
${guarded && html`<form method="post" action="${at('backup')}" class="fields">${order.args.name !== undefined && html`<input type="hidden" name="name" value="${order.args.name}">`}${(problem?.tables ?? []).map((table) => html`<input type="hidden" name="lost" value="${table}">`)}<label class="check"><input type="checkbox" name="allow-shrink" value="yes" required> ${t.saveAnywayConfirm}</label><button class="danger">${t.saveAnyway}</button></form>`}
<p><a href="${at('')}">${t.back}</a></p></section>`;
}

function result(view: View, job: Job, outcome: Outcome): Markup {
  const { t, at, format } = view;
  switch (outcome.name) {
    case 'backup': {
      const { status, rows, bytesWritten, name, notes } = outcome.value;
      return html`<section class="card"><p>${status === 'created' ? t.savedRows(rows, format.size(bytesWritten)) : t.nothingNew}</p>${leftOutNote(outcome.value, t.leftOut)}${notes.map((each) => html`<p class="notice yellow">${each}</p>`)}<p class="row"><a class="button primary" href="${at('')}">${t.now}</a><a class="button" href="${at('backups', name)}">${t.openBackup}</a></p></section>`;
    }
    case 'push':
      return html`<section class="card"><ul class="reasons">${outcome.value.map(
        ({ store, status, problem }) =>
          html`<li class="${problem === undefined ? 'green' : 'red'}"><b>${problem === undefined ? '✓' : '✗'}</b><span><strong>${store}</strong>: ${problem === undefined ? t.pushed[status ?? 'none'] : whatFailed(view, problem)}</span>${problem !== undefined && html`<span class="hint">${hintFor(view, problem.hintPieces)}</span>`}</li>`,
      )}</ul><p><a href="${at('')}">${t.back}</a></p></section>`;
    case 'preview':
      return previewCard(view, job, outcome);
    case 'trial':
      return trialCard(view, job, outcome);
    case 'bring': {
      const { rows, name, warnings, snapshot } = outcome.value;
      return html`<section class="card"><p>${breakable(t.restoredRows(rows, name))}</p>${warnings.map((each) => html`<p class="notice yellow">${each}</p>`)}${takeBack(view, snapshot)}<p><a href="${at('')}">${t.back}</a></p></section>`;
    }
    case 'restore':
    case 'import': {
      const { name, rows, snapshot, setAside, skipped, warnings, leftOut } = outcome.value;
      return html`<section class="card"><p>${breakable(t.restoredRows(rows, name))}</p>${leftOutNote(leftOut, t.leftOutStays)}${[...skipped.map(({ name: passed, reason }) => `${passed}: ${reason}`), ...warnings.map((each) => `${each}.`)].map((each) => html`<p class="notice yellow">${each}</p>`)}
${setAside !== undefined && html`<p>${t.setAside(setAside)}</p>`}${takeBack(view, snapshot)}
<p><a href="${at('')}">${t.back}</a></p></section>`;
    }
    case 'undo':
      return html`<section class="card"><p>${breakable(t.undone(labelFor(view, outcome.value.restored.label)))}</p><p><a href="${at('')}">${t.back}</a></p></section>`;
    case 'snapshot':
      return html`<section class="card"><p>${t.snapshotTaken}</p><p><a href="${at('timeline')}">${t.timeline}</a></p></section>`;
    case 'verify': {
      const { found, of } = outcome.value;
      const damaged = found.filter(({ ok }) => !ok).length;
      const isStopped = found.length < of;
      const said =
        damaged > 0
          ? t.someDamaged(damaged, found.length)
          : isStopped
            ? t.stoppedAt(found.length, of)
            : t.allIntact(of);
      return html`<section class="card"><p class="notice ${damaged > 0 ? 'red' : isStopped ? 'yellow' : 'green'}">${said}${damaged > 0 && isStopped && ` ${t.stoppedAt(found.length, of)}`}</p><ul class="reasons">${found.map(
        ({ name, ok, rows, problem, hint, leftOut, warnings }) =>
          html`<li class="${ok ? 'green' : 'red'}"><b>${ok ? '✓' : '✗'}</b><span><strong>${breakable(name)}</strong>: ${ok ? t.intact(rows) : breakable(problem ?? '')}</span>${hint !== undefined && html`<span class="hint">${hintFor(view, hint)}</span>`}${leftOutNote(leftOut, t.leftOut)}${warnings.map((each) => html`<span class="hint">${each}</span>`)}</li>`,
      )}</ul></section>`;
    }
    case 'diff':
      return diffResult(view, outcome.value);
    case 'prune':
      return pruneResult(view, job, outcome.value);
  }
}

/** Only where there is something to go back to, and this panel can. */
function takeBack({ t, at, rights, mayReplace }: View, snapshot: Snapshot | undefined): Markup | undefined {
  if (snapshot === undefined || rights !== 'write' || !mayReplace) return undefined;
  return html`<p class="soft">${t.undoExplained}</p><div class="row">${button(at('undo'), t.undo, 'plain', { id: snapshot.id })}</div>`;
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
  return html`<section class="card">${unreadable.length > 0 && html`<p class="notice red">${t.pruneDamaged}</p><ul class="reasons">${unreadable.map(({ name, reason }) => html`<li class="red"><b>&#10007;</b><span><strong>${breakable(name)}</strong>: ${breakable(reason)}</span></li>`)}</ul>`}<p>${words}</p>
${removed.length > 0 && html`<details open><summary>${t.backupsCount(removed.length)}</summary><ul>${removed.map((name) => html`<li>${breakable(name)}</li>`)}</ul></details>`}
${isPreview && !nothing && rights === 'write' && html`<div class="row">${button(at('clean-up'), t.pruneNow(removed.length), 'danger', { preview: id })}</div>`}<p><a href="${at('')}">${t.back}</a></p></section>`;
}
