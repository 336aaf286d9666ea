import type { Hint } from '../../core/hint.ts';
import type { Snapshot } from '../../local/snapshots.ts';
import { hintFor } from '../hint.ts';
import { html, type Markup } from '../html.ts';
import { button, time, type View } from '../layout.ts';

export function undoPage(view: View, { id, label, date, bytes }: Snapshot): Markup {
  const { t, at, format } = view;
  return html`<h1>${t.goBackTo(label)}</h1><section class="card"><dl><dt>${t.when}</dt><dd>${format.moment(date)}, ${time(view, date)}</dd><dt>${t.size}</dt><dd>${format.size(bytes)}</dd></dl>
<p>${t.undoExplained}</p><div class="row">${button(at('undo'), t.goBack, 'primary', { id })}<a class="button" href="${at('timeline')}">${t.timeline}</a></div></section>`;
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

export function problemPage(view: View, title: string, text: string, hint: Hint = []): Markup {
  const { t, at } = view;
  return html`<h1>${title}</h1><section class="card"><p>${text}</p>${hint.length > 0 && html`<p class="soft">${t.tryNext} ${hintFor(view, hint)}</p>`}<p><a href="${at('')}">${t.back}</a></p></section>`;
}

export function restorePage({ t, at, mayReplace }: View, name: string): Markup {
  return html`<h1>${t.restoreTitle(name)}</h1><section class="card"><p>${t.restoreFirst}</p><p class="soft">${t.restoreSafety}</p>
<div class="row">${button(at('backups', name, 'preview'), t.previewButton, 'primary')}<a class="button" href="${at('backups', name)}">${t.openBackup}</a></div>
${!mayReplace && html`<p class="notice yellow">${t.cannotReplace}</p>`}</section>`;
}
