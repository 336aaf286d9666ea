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
