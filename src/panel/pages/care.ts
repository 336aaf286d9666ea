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

export function problemPage(view: View, title: string, text: string, hint: Hint = []): Markup {
  const { t, at } = view;
  return html`<h1>${title}</h1><section class="card"><p>${text}</p>${hint.length > 0 && html`<p class="soft">${t.tryNext} ${hintFor(view, hint)}</p>`}<p><a href="${at('')}">${t.back}</a></p></section>`;
}
