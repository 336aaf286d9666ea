import type { Changed, TableChange } from '../../operations/what-changed.ts';
import { html, type Markup } from '../html.ts';
import type { View } from '../layout.ts';

/** So many things are said of a backup; the rest is a number. */
const SAID = 4;

/** What is different since the backup before, losses first: `−3 orders, +12 users, ~2 notes`. */
export function changeWords({ t, format }: View, { tables, files, definitions }: Changed): Markup {
  const signed = (count: number, kind: keyof typeof SIGNS, what: string) =>
    count > 0 ? [html`<span class="${kind}">${SIGNS[kind]}${format.number(count)} ${what}</span>`] : [];
  const of = (what: string, { added, changed, removed }: Counts) => [
    ...signed(removed, 'minus', what),
    ...signed(added, 'plus', what),
    ...signed(changed, 'tilde', what),
  ];
  const words = [
    ...tables.toSorted(worstFirst).flatMap(({ table, more, rows }) => {
      if (rows !== undefined) return of(table, rows);
      if (more === 0) return [html`<span class="tilde">~ ${table}</span>`];
      return of(table, { added: more, changed: 0, removed: -more });
    }),
    ...(files === undefined ? [] : of(t.filesWord, files)),
    ...(definitions ? [html`<span class="tilde">${t.definitionsChanged}</span>`] : []),
  ];
  if (words.length === 0) return html`<span class="soft">${t.sameData}</span>`;
  const rest = words.length - SAID;
  const shown = words.slice(0, rest > 1 ? SAID : words.length);
  return html`${shown.map((word, at) => html`${at > 0 && ', '}${word}`)}${rest > 1 && html` <span class="soft">${t.andMore(rest)}</span>`}`;
}

const SIGNS = { plus: '+', tilde: '~', minus: '−' } as const;

type Counts = NonNullable<TableChange['rows']>;

/** Fewer rows than before in some table, or fewer files. */
export const isLoss = ({ tables, files }: Changed): boolean =>
  tables.some(({ more }) => more < 0) || (files !== undefined && files.removed > files.added);

const sizeOf = ({ more, rows }: TableChange) => rows?.removed ?? Math.max(0, -more);
const touched = ({ more, rows }: TableChange) =>
  rows === undefined ? Math.abs(more) : rows.added + rows.changed + rows.removed;

function worstFirst(a: TableChange, b: TableChange): number {
  return sizeOf(b) - sizeOf(a) || touched(b) - touched(a);
}
