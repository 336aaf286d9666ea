import { membersOf, parse } from '../../core/json.ts';
import { html, type Markup, type Piece } from '../html.ts';
import { scrolling, type View } from '../layout.ts';
import type { Rows } from '../worker/acts.ts';

export const ROWS_A_PAGE = 50;
/** A longer value is folded, and one that is longer than `LONGEST` cut; the download has it whole. */
const SHORT = 60;
const LONGEST = 2000;

export interface Asked {
  readonly table: string;
  readonly from: number;
  readonly search: string;
}

/** Some rows of a table in a backup, with a search that goes on where it stopped. */
export function rowsPage(view: View, { entry, rows, total, next }: Rows, { table, from, search }: Asked): Markup {
  const { t, at, format } = view;
  const { name } = entry;
  const address = (start: number) =>
    `${at('backups', name, 'rows')}?${new URLSearchParams({ table, ...(search === '' ? {} : { search }), ...(start === 0 ? {} : { from: String(start) }) })}`;
  const end = next ?? total;
  const said =
    search === '' ? t.showing(Math.min(from + 1, total), end, total) : t.found(rows.length, from + 1, end, total);
  return html`<div class="head"><div><p><a href="${at('backups', name)}">${name}</a></p><h1>${table}</h1><p class="soft">${t.rowsCount(total)}, ${format.moment(entry.metadata.backup_date)}</p></div></div>
<form method="get" action="${at('backups', name, 'rows')}" class="fields" role="search"><input type="hidden" name="table" value="${table}">
<label><span>${t.searchIn(table)}</span><input type="search" name="search" value="${search}" maxlength="200" autocomplete="off"></label><button>${t.search}</button></form>
<section class="card"><p class="soft">${total === 0 ? t.noRows : said}</p>${rows.length > 0 && rowTable(view, table, rows)}</section>
<p class="pages">${from > 0 && html`<a class="button" href="${address(0)}">${t.fromTheStart}</a>`}
${next !== undefined && html`<a class="button" href="${address(next)}">${search === '' ? t.nextRows : t.searchOn}</a>`}</p>`;
}

function rowTable(view: View, table: string, rows: Rows['rows']): Markup {
  const lines = rows.map(({ line }) => membersOf(line));
  const columns = [...new Set(lines.flatMap((line) => [...line.keys()]))];
  return scrolling(
    view.t.tableScroll(table),
    html`<table class="cells"><thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead><tbody>${lines.map(
      (line) => html`<tr>${columns.map((column) => cell(line.get(column)))}</tr>`,
    )}</tbody></table>`,
  );
}

function cell(raw: string | undefined): Markup {
  if (raw === undefined) return html`<td></td>`;
  if (raw === 'null') return html`<td class="null">NULL</td>`;
  return html`<td${/^[-\d]/.test(raw) && html` class="number"`}>${folded(shown(raw))}</td>`;
}

function folded(text: string): Piece {
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
  if (raw.startsWith('"')) return String(parse(raw));
  const [, kind, value = ''] = /^\{"\$(blob|text|real)":"([^"]*)"\}$/.exec(raw) ?? [];
  if (kind === 'real') return value;
  if (kind === 'blob' || kind === 'text') return `${kind} (${Math.floor((value.replace(/=+$/, '').length * 3) / 4)} B)`;
  return raw;
}
