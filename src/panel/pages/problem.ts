import type { Problem } from '../../core/errors.ts';
import type { Hint } from '../../core/hint.ts';
import { hintFor } from '../hint.ts';
import { breakable, html, type Markup, type Piece } from '../html.ts';
import type { View } from '../layout.ts';

export function problemPage(view: View, title: string, text: Piece, hint: Hint = []): Markup {
  const { t, at } = view;
  return html`<h1>${title}</h1><section class="card"><p>${text}</p>${hint.length > 0 && html`<p class="soft">${t.tryNext} ${hintFor(view, hint)}</p>`}<p><a href="${at('')}">${t.back}</a></p></section>`;
}

/** What failed, in the reader's language, and behind it what only the library knows: names, numbers, and what a system answered. */
export function whatFailed({ t }: Pick<View, 't'>, { code, message }: Pick<Problem, 'code' | 'message'>): Piece {
  const sentences: Readonly<Record<string, string | undefined>> = t.errors;
  const sentence = sentences[code];
  if (sentence === undefined) return breakable(message);
  return html`${sentence} <span lang="en">${breakable(message)}</span>`;
}
