import type { Hint } from '../../core/hint.ts';
import { hintFor } from '../hint.ts';
import { html, type Markup } from '../html.ts';
import type { View } from '../layout.ts';

export function problemPage(view: View, title: string, text: string, hint: Hint = []): Markup {
  const { t, at } = view;
  return html`<h1>${title}</h1><section class="card"><p>${text}</p>${hint.length > 0 && html`<p class="soft">${t.tryNext} ${hintFor(view, hint)}</p>`}<p><a href="${at('')}">${t.back}</a></p></section>`;
}
