import { elementsOf, parse } from '../../core/json.ts';
import { html, type Markup, type Piece } from '../html.ts';

/** A longer value is folded, and one that is longer than `LONGEST` cut; the download has it whole. */
const SHORT = 60;
const LONGEST = 2000;

/** A value in a table. */
export function cell(raw: string | undefined): Markup {
  if (raw === undefined) return html`<td></td>`;
  if (raw === 'null') return html`<td class="null">NULL</td>`;
  return html`<td${/^[-\d]/.test(raw) && html` class="number"`}>${folded(shown(raw))}</td>`;
}

export function folded(text: string): Piece {
  // By characters, not by halves of them.
  const characters = [...text.slice(0, LONGEST)];
  const isCut = text.length > LONGEST;
  if (characters.length <= SHORT && !/\n/.test(text)) return text;
  const [line = ''] = characters.slice(0, SHORT).join('').split('\n');
  const rest = text.slice(line.length, LONGEST);
  return html`<details><summary>${line}&hellip;</summary>${rest}${isCut && '…'}</details>`;
}

/** A value as people read it. Numbers stay as they were written: JavaScript would round long ones. */
export function shown(raw: string): string {
  if (raw === 'null') return 'NULL';
  if (raw.startsWith('"')) return String(parse(raw));
  const [, kind, value = ''] = /^\{"\$(blob|text|real)":"([^"]*)"\}$/.exec(raw) ?? [];
  if (kind === 'real') return value;
  if (kind === 'blob' || kind === 'text') return `${kind} (${Math.floor((value.replace(/=+$/, '').length * 3) / 4)} B)`;
  return raw;
}

/** What tells a row from others: of several columns, each by itself. */
export const shownKey = (key: string): string => elementsOf(`[${key}]`).map(shown).join(', ');
