import { isNamedByTime } from '../../core/names.ts';
import type { Retention } from '../../core/retention.ts';
import { SEALED_FORMAT } from '../../format/sealed.ts';
import type { Entry } from '../../operations/catalog.ts';
import type { PruneResult } from '../../operations/prune.ts';
import { labelFor } from '../hint.ts';
import { breakable, html, type Markup, type Piece } from '../html.ts';
import { button, time, type View } from '../layout.ts';
import { type BackupMoment, type Moment, SHOWN, type Timeline, type TimelineAsked } from '../worker/timeline.ts';
import { changeWords, isLoss } from './changed.ts';

export const A_PAGE = 30;

export interface Around {
  readonly retention: Retention;
  readonly isFile: boolean;
}

/** Everything that happened, by the reader's days: what changed, and what can be done with it. */
export function timelinePage(
  view: View,
  found: Timeline,
  asked: TimelineAsked,
  around: Around,
  error?: string,
): Markup {
  const { t, at, rights } = view;
  const { moments, total, backups, unreadable, conflicts } = found;
  const hasBackups = moments.some(({ kind }) => kind === 'backup');
  return html`<div class="head"><div><h1>${t.timeline}</h1><p class="soft">${t.backupsCount(backups)}</p></div>${backups + unreadable.length > 0 && button(at('verify'), t.verifyAll)}</div>
${error !== undefined && html`<p class="notice red" role="alert">${error}</p>`}
${unreadable.length > 0 && html`<section class="card"><h2>${t.damagedOnes}</h2><ul class="reasons">${unreadable.map(({ name, reason }) => html`<li class="red"><b>&#10007;</b><span><strong>${breakable(name)}</strong>: ${breakable(reason)}</span></li>`)}</ul></section>`}
${conflicts.length > 0 && html`<section class="card"><h2>${t.conflicts}</h2><p class="notice red">${t.conflictsWhy}</p><ul class="moments">${conflicts.map((entry) => html`<li>${conflictItem(view, entry)}</li>`)}</ul></section>`}
${filterForm(view, asked)}
${
  moments.length === 0
    ? html`<section class="card"><p class="soft">${asked.search === '' && asked.show === 'all' ? t.noBackup : t.nothingFits}</p></section>`
    : html`<form method="post" action="${at('compare')}" class="timeline"${hasBackups && html` data-pick="of"`}><div class="days" data-days="${t.language}">${days(view, moments, around)}</div>
${hasBackups && html`<div class="dock"><p class="hint">${t.pickHint}</p><button>${t.compareButton}</button></div>`}</form>`
}
${pager(view, asked, total)}
${rights === 'write' && care(view, around.retention)}`;
}

function filterForm({ t, at }: View, { show, search }: TimelineAsked): Markup {
  const options = SHOWN.map(
    (each) => html`<option value="${each}"${each === show && html` selected`}>${t.filters[each]}</option>`,
  );
  return html`<form method="get" action="${at('timeline')}" class="fields filter" role="search"><label><span>${t.show}</span><select name="show">${options}</select></label>
<label><span>${t.search}</span><input type="search" name="search" value="${search}" maxlength="100" autocomplete="off"></label><button>${t.filter}</button></form>`;
}

/** By the days of UTC; where there is JavaScript, it sorts them into the reader's own. */
function days(view: View, moments: readonly Moment[], around: Around): Piece {
  const byDay = new Map<string, Moment[]>();
  for (const each of moments) {
    const day = each.date.slice(0, 10);
    byDay.set(day, [...(byDay.get(day) ?? []), each]);
  }
  return [...byDay.values()].map(
    (some) =>
      html`<h2 class="day">${time(view, some[0]?.date ?? '', 'day')}</h2><ol class="moments">${some.map((each) => item(view, each, around))}</ol>`,
  );
}

function item(view: View, moment: Moment, around: Around): Markup {
  const { t, at, rights, mayReplace } = view;
  const clock = time(view, moment.date, 'clock');
  switch (moment.kind) {
    case 'backup':
      return backupItem(view, moment, around, clock);
    case 'snapshot': {
      const { id, bytes } = moment.snapshot;
      const label = labelFor(view, moment.snapshot.label);
      return html`<li data-at="${moment.date}"><span></span>${clock}<div><p><span class="tag">${t.snapshot}</span> ${breakable(label)} <span class="soft">${view.format.size(bytes)}</span></p></div>
<p class="acts">${rights === 'write' && mayReplace && html`<a href="${at('snapshots', id)}" aria-label="${t.goBack}: ${label}">${t.goBack}</a>`}</p></li>`;
    }
    case 'deed': {
      const { action, about, who, outcome, code } = moment.deed;
      const isBad = outcome === 'refused' || outcome === 'failed';
      return html`<li data-at="${moment.date}"><span></span>${clock}<div><p><span class="tag">${deedName(view, action)}</span> ${action === 'undo' ? labelFor(view, about) : about} <span class="${isBad ? 'minus' : 'soft'}">${t.outcomes[outcome]}${code !== undefined && ` (${code})`}</span></p></div><p class="acts soft">${who}</p></li>`;
    }
  }
}

function deedName({ t }: View, action: string): string {
  const names: ReadonlyMap<string, string> = new Map(Object.entries({ ...t.jobs, ...t.deeds }));
  return names.get(action) ?? action;
}

function backupItem(view: View, moment: BackupMoment, around: Around, clock: Markup): Markup {
  const { t, at } = view;
  const { entry, changed, brought } = moment;
  const { name, metadata } = entry;
  const isWorse = changed === undefined ? netOf(moment) < 0 : isLoss(changed);
  return html`<li data-at="${moment.date}"${isWorse && html` class="loss"`}><input type="checkbox" name="of" value="${name}" aria-label="${t.choose(name)}">${clock}
<div><p class="said">${isNamed(name) && html`<b>${name}</b> `}${changed === undefined ? netWords(view, moment) : changeWords(view, changed)} <span class="soft nowrap">&middot; ${t.rowsCount(metadata.rows)}</span></p>
${brought !== undefined ? html`<p class="soft commit"><code>${brought.commit.slice(0, 7)}</code> ${brought.title}</p>` : metadata.origin.commit !== undefined && html`<p class="soft commit">${t.codeAt} <code>${metadata.origin.commit.slice(0, 7)}</code></p>`}<p class="below"><a href="${at('backups', name)}">${breakable(name)}</a> ${marks(view, moment)}</p></div>
${rowActs(view, name, around)}</li>`;
}

/** By somebody, and not by the time. */
const isNamed = (name: string) => !isNamedByTime(name);

const netOf = ({ entry, before }: BackupMoment) => entry.metadata.rows - (before?.metadata.rows ?? 0);

/** What its number of rows tells, where nobody can look into it. */
function netWords({ t, format }: View, moment: BackupMoment): Markup {
  const { entry, before } = moment;
  if (before === undefined) return html`<span class="soft">${t.firstOne}</span>`;
  if (entry.metadata.content === before.metadata.content) return html`<span class="soft">${t.sameData}</span>`;
  const net = netOf(moment);
  if (net === 0) return html`<span class="tilde">${t.rowsChanged}</span>`;
  return html`<span class="${net > 0 ? 'plus' : 'minus'}">${format.signed(net)} ${t.rowsWord}</span>`;
}

function marks({ t }: View, { entry, drilled }: BackupMoment): Markup {
  const { name, metadata } = entry;
  const { environment, trigger } = metadata.origin;
  return html`<span class="tags"><span class="tag ${environment === 'production' && 'production'}">${environment}</span> <span class="tag">${trigger}</span>${isNamed(name) && html` <span class="tag">${t.named}</span>`}${name.startsWith('deployment_') && html` <span class="tag">${t.deployed}</span>`}${drilled !== undefined && html` <span class="tag ${drilled ? 'good' : 'bad'}">${drilled ? t.drilled : t.drillFailed}</span>`}${metadata.format === SEALED_FORMAT && html` <span class="tag">${t.encrypted}</span>`}</span>`;
}

function rowActs({ t, at, rights, mayReplace }: View, name: string, { isFile }: Around): Markup {
  const mayWrite = rights === 'write';
  return html`<div class="acts"><a href="${at('backups', name)}" aria-label="${t.openNamed(name)}">${t.open}</a>${mayWrite && mayReplace && html`<a href="${at('backups', name, 'restore')}" aria-label="${t.restoreTitle(name)}">${t.restore}</a>`}
<details class="menu"><summary aria-label="${t.moreOf(name)}">&hellip;</summary><ul><li><a href="${at('backups', name, 'download')}" download>${t.downloadJson}</a></li>${isFile && html`<li><a href="${at('backups', name, 'download-db')}" download>${t.downloadDb}</a></li>`}${mayWrite && html`<li><a href="${at('backups', name)}#name">${t.giveName}</a></li><li><a href="${at('backups', name, 'delete')}">${t.delete}</a></li>`}</ul></details></div>`;
}

/** Found by its name alone, and never taken for the newest. */
function conflictItem(view: View, { name, metadata }: Entry): Markup {
  const { t, at } = view;
  return html`<span></span>${time(view, metadata.backup_date)}<div><p><a href="${at('backups', name)}">${name}</a></p><p class="soft">${t.rowsCount(metadata.rows)}</p></div><p class="acts"></p>`;
}

function pager({ t, at }: View, { show, search, from }: TimelineAsked, total: number): Markup | undefined {
  const pages = Math.max(1, Math.ceil(total / A_PAGE));
  const page = Math.floor(from / A_PAGE) + 1;
  if (pages === 1) return undefined;
  const address = (to: number) =>
    `${at('timeline')}?${new URLSearchParams({ ...(show === 'all' ? {} : { show }), ...(search === '' ? {} : { search }), page: String(to) })}`;
  return html`<p class="pages">${page > 1 && html`<a class="button" href="${address(page - 1)}">${t.newer}</a>`}
<span class="soft">${t.page(page, pages)}</span>${page < pages && html`<a class="button" href="${address(page + 1)}">${t.older}</a>`}</p>`;
}

function care({ t, at }: View, { last, daily, weekly, monthly }: Retention): Markup {
  return html`<section class="card"><details><summary>${t.takeSnapshot}</summary><p class="soft">${t.snapshotsExplained}</p><form method="post" action="${at('snapshots')}" class="fields"><label><span>${t.labelHint}</span><input name="label" maxlength="100" required autocomplete="off"></label><button class="primary">${t.takeSnapshot}</button></form></details>
<details><summary>${t.cleanUp}</summary><p>${t.pruneExplained}</p><p class="soft">${t.policy(last, daily, weekly, monthly)}</p><div class="row">${button(at('clean-up', 'preview'), t.prunePreview)}</div></details></section>`;
}

/** What would go with a backup, or why it has to stay. */
export function deletePage(
  { t, at, format }: View,
  name: string,
  { removed, bytesFreed, unreadable }: PruneResult,
): Markup {
  const mayGo = removed.includes(name);
  return html`<h1>${breakable(t.deleteTitle(name))}</h1><section class="card">${
    mayGo
      ? html`<p>${t.deleteWhat(format.size(bytesFreed))}</p><div class="row">${button(at('backups', name, 'delete'), t.deleteNow, 'danger')}<a class="button" href="${at('timeline')}">${t.keepIt}</a></div>`
      : html`<p class="notice yellow">${unreadable.length > 0 ? t.pruneDamaged : t.mustStay}</p><p><a class="button" href="${at('timeline')}">${t.timeline}</a></p>`
  }</section>`;
}
