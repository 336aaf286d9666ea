import type { Retention } from '../../core/retention.ts';
import type { Snapshot } from '../../local/snapshots.ts';
import type { AuditEntry } from '../audit.ts';
import { hintFor } from '../hint.ts';
import { html, type Markup } from '../html.ts';
import { button, scrolling, time, type View } from '../layout.ts';

export function snapshotsPage(view: View, snapshots: readonly Snapshot[]): Markup {
  const { t, at, format, rights, mayReplace } = view;
  const rows = snapshots.map(
    ({ id, label, date, bytes }) =>
      html`<tr><th scope="row">${label}</th><td class="nowrap" data-label="${t.when}">${time(view, date)}</td><td class="number" data-label="${t.size}">${format.size(bytes)}</td><td class="number">${rights === 'write' && mayReplace && html`<a href="${at('snapshots', id)}" aria-label="${t.goBackTo(label)}">${t.goBack}</a>`}</td></tr>`,
  );
  return html`<h1>${t.snapshots}</h1><p class="soft">${t.snapshotsExplained}</p>
${rights === 'write' && html`<form method="post" action="${at('snapshots')}" class="fields"><label><span>${t.labelHint}</span><input name="label" maxlength="100" required autocomplete="off"></label><button class="primary">${t.takeSnapshot}</button></form>`}
${rights === 'write' && !mayReplace && html`<p class="notice yellow">${t.cannotReplace}</p>`}
<section class="card">${snapshots.length === 0 ? html`<p class="soft">${t.noSnapshots}</p>` : scrolling(t.snapshots, html`<table class="stack"><thead><tr><th scope="col">${t.label}</th><th scope="col">${t.when}</th><th scope="col" class="number">${t.size}</th><th scope="col" class="number">${t.undo}</th></tr></thead><tbody>${rows}</tbody></table>`)}</section>`;
}

export function undoPage(view: View, { id, label, date, bytes }: Snapshot): Markup {
  const { t, at, format } = view;
  return html`<h1>${t.goBackTo(label)}</h1><section class="card"><dl><dt>${t.when}</dt><dd>${format.moment(date)}, ${time(view, date)}</dd><dt>${t.size}</dt><dd>${format.size(bytes)}</dd></dl>
<p>${t.undoExplained}</p><div class="row">${button(at('undo'), t.goBack, 'primary', { id })}<a class="button" href="${at('snapshots')}">${t.snapshots}</a></div></section>`;
}

export function cleanUpPage({ t, at, rights }: View, { last, daily, weekly, monthly }: Retention): Markup {
  return html`<h1>${t.cleanUp}</h1><section class="card"><p>${t.pruneExplained}</p><p class="soft">${t.policy(last, daily, weekly, monthly)}</p>
${rights === 'write' && html`<div class="row">${button(at('clean-up', 'preview'), t.prunePreview, 'primary')}</div>`}</section>`;
}

export function transferPage({ t, at, format, rights, mayReplace }: View, largest: number, error?: string): Markup {
  return html`<h1>${t.transfer}</h1>${error !== undefined && html`<p class="notice red" role="alert">${error}</p>`}
<section class="card"><h2>${t.exportTitle}</h2><p>${t.exportExplained}</p><div class="row"><a class="button" href="${at('download')}" download>${t.exportNow}</a></div></section>
${
  rights === 'write' &&
  html`<section class="card"><h2>${t.importTitle}</h2><p>${t.importExplained}</p>${
    mayReplace
      ? html`<p class="soft">${t.importFirst} ${t.restoreSafety}</p><form method="post" action="${at('import')}" enctype="multipart/form-data" class="fields"><div><label for="document" class="label">${t.document}</label><input type="file" id="document" name="document" accept=".json,application/json" required aria-describedby="document-hint"></div><button class="primary">${t.previewButton}</button></form><p class="hint" id="document-hint">${t.documentHint(format.size(largest))}</p>`
      : html`<p class="notice yellow">${t.cannotReplace}</p>`
  }</section>`
}`;
}

export function activityPage(view: View, entries: readonly AuditEntry[]): Markup {
  const { t } = view;
  const names: ReadonlyMap<string, string> = new Map([
    ...Object.entries(t.jobs),
    ['import preview', t.jobs.trial],
    ['prune preview', t.prunePreview],
    ['download', t.download],
  ]);
  const rows = withoutBeginnings(entries).map(
    ({ time: at, who, action, about, outcome, code }) =>
      html`<tr><th scope="row">${names.get(action) ?? action}</th><td data-label="${t.about}">${about}</td><td data-label="${t.outcome}">${t.outcomes[outcome]}${code !== undefined && ` (${code})`}</td><td class="nowrap" data-label="${t.when}">${time(view, at)}</td><td data-label="${t.who}">${who}</td></tr>`,
  );
  return html`<h1>${t.activity}</h1><section class="card">${entries.length === 0 ? html`<p class="soft">${t.noActivity}</p>` : scrolling(t.activity, html`<table class="stack"><thead><tr><th scope="col">${t.what}</th><th scope="col">${t.about}</th><th scope="col">${t.outcome}</th><th scope="col">${t.when}</th><th scope="col">${t.who}</th></tr></thead><tbody>${rows}</tbody></table>`)}</section>`;
}

/** Newest first: a beginning is only shown as long as nothing is known of the end. The log itself keeps both. */
function withoutBeginnings(entries: readonly AuditEntry[]): AuditEntry[] {
  const ended = new Map<string, number>();
  return entries.filter(({ who, action, about, outcome }) => {
    const key = JSON.stringify([who, action, about]);
    const ends = ended.get(key) ?? 0;
    if (outcome !== 'begun') {
      if (outcome !== 'refused') ended.set(key, ends + 1);
      return true;
    }
    ended.set(key, Math.max(0, ends - 1));
    return ends === 0;
  });
}

export function problemPage(view: View, title: string, text: string, hint = ''): Markup {
  const { t, at } = view;
  return html`<h1>${title}</h1><section class="card"><p>${text}</p>${hint !== '' && html`<p class="soft">${t.tryNext} ${hintFor(view, hint)}</p>`}<p><a href="${at('')}">${t.back}</a></p></section>`;
}

export function restorePage({ t, at, mayReplace }: View, name: string): Markup {
  return html`<h1>${t.restoreTitle(name)}</h1><section class="card"><p>${t.restoreFirst}</p><p class="soft">${t.restoreSafety}</p>
<div class="row">${button(at('backups', name, 'preview'), t.previewButton, 'primary')}<a class="button" href="${at('backups', name)}">${t.openBackup}</a></div>
${!mayReplace && html`<p class="notice yellow">${t.cannotReplace}</p>`}</section>`;
}
