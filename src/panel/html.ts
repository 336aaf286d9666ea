import { visible } from '../core/visible.ts';

/** Text that is markup already. Everything else that goes into a page is escaped. */
export interface Markup {
  readonly markup: string;
}

export type Piece = string | number | Markup | undefined | false | readonly Piece[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string) => visible(text).replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);

function textOf(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (typeof piece === 'string') return escaped(piece);
  if (typeof piece === 'number') return String(piece);
  return 'markup' in piece ? piece.markup : piece.map(textOf).join('');
}

/** Makes markup of a template: what is put in is text, wherever it comes from. Attributes must stand in quotes. */
export function html(template: readonly string[], ...pieces: readonly Piece[]): Markup {
  return { markup: template.map((text, index) => text + textOf(pieces[index])).join('') };
}

/**
 * A text with names in it (`backup_20261121_082159_bdab72c6`) that stay in one line where it is wide enough, and else end it behind a
 * joint, and not in the middle of a number.
 */
export const breakable = (text: string): Piece =>
  text
    .split(/([\w.-]*_[\w.-]*)/)
    .map((part, at) => (at % 2 === 0 ? part : html`<span class="name">${partsOf(part)}</span>`));

const partsOf = (name: string): Piece => name.split(/(?<=_)/).map((part, at) => (at === 0 ? part : html`<wbr>${part}`));
