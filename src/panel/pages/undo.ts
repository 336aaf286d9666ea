import type { Snapshot } from '../../local/snapshots.ts';
import { labelFor } from '../hint.ts';
import { breakable, html, type Markup } from '../html.ts';
import { button, time, type View } from '../layout.ts';

/** For as long as somebody may still regret it, the way back is in reach. */
export function undoCard(view: View, undo: Snapshot | undefined): Markup | undefined {
  const { t, at, rights, mayReplace, format } = view;
  if (undo === undefined || rights !== 'write' || !mayReplace) return undefined;
  return html`<section class="card"><div class="head"><div><h2>${t.undo}</h2><p class="soft">${breakable(t.undoOffer(labelFor(view, undo.label), format.age(undo.date)))}</p></div>
<a class="button" href="${at('snapshots', undo.id)}">${t.undo}</a></div></section>`;
}

export function undoPage(view: View, { id, label, date, bytes }: Snapshot): Markup {
  const { t, at, format } = view;
  return html`<h1>${breakable(t.goBackTo(labelFor(view, label)))}</h1><section class="card"><dl><dt>${t.when}</dt><dd>${format.moment(date)}, ${time(view, date)}</dd><dt>${t.size}</dt><dd>${format.size(bytes)}</dd></dl>
<p>${t.undoExplained}</p><div class="row">${button(at('undo'), t.goBack, 'primary', { id })}<a class="button" href="${at('timeline')}">${t.timeline}</a></div></section>`;
}
