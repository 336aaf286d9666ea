import type { Snapshot } from '../../local/snapshots.ts';
import { html, type Markup } from '../html.ts';
import type { View } from '../layout.ts';

/** For as long as somebody may still regret it, the way back is in reach. */
export function undoCard(view: View, undo: Snapshot | undefined): Markup | undefined {
  const { t, at, rights, mayReplace, format } = view;
  if (undo === undefined || rights !== 'write' || !mayReplace) return undefined;
  return html`<section class="card"><div class="head"><div><h2>${t.undo}</h2><p class="soft">${t.undoOffer(undo.label, format.age(undo.date))}</p></div>
<a class="button" href="${at('snapshots', undo.id)}">${t.undo}</a></div></section>`;
}
