import { membersOf } from '../../core/json.ts';
import { columnsChanged } from '../../core/row-key.ts';
import { breakable, html, type Markup, type Piece } from '../html.ts';
import { scrolling, time, type View } from '../layout.ts';
import type { RowAsked, RowLife, Rows, RowsAsked } from '../worker/browse.ts';
import { cell, folded, shown } from './value.ts';

const ROWS_A_PAGE = 50;
const FILTER = 'filter.';

/** What an address asks of a table. */
export function rowsAsked(name: string, query: URLSearchParams): RowsAsked {
  const column = query.get('sort') ?? '';
  const after = query.get('after') ?? '';
  return {
    name,
    table: query.get('table') ?? '',
    limit: ROWS_A_PAGE,
    after: /^\d{1,15}$/.test(after) ? Number(after) : undefined,
    sort: column === '' ? undefined : { column, descending: query.get('way') === 'down' },
    filters: [...query].flatMap(([key, value]): [string, string][] =>
      key.startsWith(FILTER) && value.trim() !== '' ? [[key.slice(FILTER.length), value.slice(0, 200)]] : [],
    ),
  };
}

/** A table at a time: sorted by a column, and only what fits what was typed above the columns. */
export function rowsPage(view: View, found: Rows, asked: RowsAsked, bringsRows: boolean): Markup {
  const { t, at } = view;
  const canPick = bringsRows && view.rights === 'write' && found.rows.length > 0;
  const { name, table, sort, filters } = asked;
  const { entry, rows, total, fitting, before, isTooLarge } = found;
  const address = (changed: Partial<RowsAsked>) => addressOf(view, { ...asked, after: undefined, ...changed });
  const end = before + rows.length;
  const last = rows.at(-1)?.number;
  const hidden = [
    ['table', table],
    ...(sort === undefined
      ? []
      : [
          ['sort', sort.column],
          ['way', sort.descending ? 'down' : 'up'],
        ]),
  ];
  const said = total === 0 ? t.noRows : fitting === 0 ? t.nothingFits : t.showing(before + 1, end, fitting);
  return html`<div class="head"><div><p><a href="${at('backups', name)}">${breakable(name)}</a></p><h1>${table}</h1><p class="soft">${t.rowsCount(total)} &middot; ${time(view, entry.metadata.backup_date, 'moment')} &middot; ${t.asBackedUp}</p></div></div>
<form method="get" action="${at('backups', name, 'rows')}" class="card grid-card">${hidden.map(([key = '', value = '']) => html`<input type="hidden" name="${key}" value="${value}">`)}
<div class="head"><p class="soft">${said} ${filters.length > 0 && html`<a href="${address({ filters: [] })}">${t.withoutFilters}</a>`}</p><p class="pages">${before > 0 && html`<a class="button" href="${address({})}">${t.fromTheStart}</a>`}${end < fitting && last !== undefined && html`<a class="button" href="${address({ after: last })}">${t.nextRows}</a>`}${total > 0 && !isTooLarge && html`<button>${t.filter}</button>`}</p></div>
${isTooLarge ? html`<p class="hint">${t.tooLargeToSort}</p>` : html`<p class="hint" id="filter-hint">${t.filterHint}</p>`}
${total > 0 && grid(view, found, asked, address, canPick)}</form>
${canPick && html`<form method="get" action="${at('backups', name, 'restore')}" id="bring" data-pick="row"><input type="hidden" name="table" value="${table}"><div class="dock"><p class="hint">${t.pickRowsHint}</p><button>${t.bringThese}</button></div></form>`}`;
}

function addressOf({ at }: View, { name, table, sort, after, filters }: RowsAsked): string {
  const query = new URLSearchParams({ table });
  if (sort !== undefined) query.set('sort', sort.column);
  if (sort?.descending === true) query.set('way', 'down');
  for (const [column, typed] of filters) query.append(`${FILTER}${column}`, typed);
  if (after !== undefined) query.set('after', String(after));
  return `${at('backups', name, 'rows')}?${query}`;
}

function grid(
  view: View,
  found: Rows,
  asked: RowsAsked,
  address: (changed: Partial<RowsAsked>) => string,
  canPick: boolean,
): Markup {
  const { t } = view;
  const { rows, columns, isTooLarge } = found;
  const head = columns.map((column) => {
    if (isTooLarge) return html`<th scope="col">${column}</th>`;
    const { sort } = asked;
    const isSorted = sort?.column === column;
    const way = isSorted && !sort.descending;
    const typed = asked.filters.find(([each]) => each === column)?.[1] ?? '';
    const sorted = isSorted ? html` aria-sort="${sort.descending ? 'descending' : 'ascending'}"` : '';
    return html`<th scope="col"${sorted}><a href="${address({ sort: { column, descending: way } })}">${column}${isSorted && (sort.descending ? ' ↓' : ' ↑')}</a><input name="${FILTER}${column}" value="${typed}" maxlength="200" autocomplete="off" spellcheck="false" aria-label="${t.filterBy(column)}" aria-describedby="filter-hint"></th>`;
  });
  const lines = rows.map(({ number, line }) => {
    const members = membersOf(line);
    const life = rowAddress(view, { name: asked.name, table: asked.table, number });
    return html`<tr><th scope="row">${canPick && html`<input type="checkbox" name="row" value="${number}" form="bring" aria-label="${t.pickRow(number + 1)}"> `}<a href="${life}" aria-label="${t.lifeOf(number + 1)}">${view.format.number(number + 1)}</a></th>${columns.map((column) => cell(members.get(column)))}</tr>`;
  });
  return scrolling(
    t.tableScroll(asked.table),
    html`<table class="cells grid"><thead><tr><th scope="col">${t.keyColumn}</th>${head}</tr></thead><tbody>${lines}</tbody></table>`,
  );
}

function rowAddress({ at }: View, { name, table, number }: RowAsked): string {
  return `${at('backups', name, 'row')}?${new URLSearchParams({ table, number: String(number) })}`;
}

/** One row, and its life: what it was in each backup, newest first. */
export function rowPage(view: View, { entry, line, key, events }: RowLife, { name, table }: RowAsked): Markup {
  const { t, at } = view;
  if (line === undefined) return html`<h1>${t.notFoundTitle}</h1><p>${t.notFound}</p>`;
  const title = key.map(([column, value]) => `${column} ${shown(value)}`).join(', ');
  return html`<div class="head"><div><p><a href="${at('backups', name)}">${breakable(name)}</a> / <a href="${at('backups', name, 'rows')}?${String(new URLSearchParams({ table }))}">${table}</a></p><h1>${title === '' ? table : title}</h1><p class="soft">${time(view, entry.metadata.backup_date, 'moment')} &middot; ${t.asBackedUp}</p></div></div>
<section class="card"><dl>${[...membersOf(line)].map(([column, value]) => html`<dt>${column}</dt><dd class="mono">${folded(shown(value))}</dd>`)}</dl></section>
<section class="card"><h2>${t.life}</h2>${key.length === 0 ? html`<p class="soft">${t.noKey}</p>` : html`<ol class="moments life">${events.map((event) => lifeItem(view, event))}</ol>`}</section>`;
}

const KINDS = { added: ['plus', '+'], changed: ['tilde', '~'], removed: ['minus', '−'] } as const;

function lifeItem(
  view: View,
  { change, before, after, name, date, isHere, commit, by }: RowLife['events'][number],
): Markup {
  const { t, at } = view;
  const [kind, sign] = KINDS[change];
  const changes =
    before === undefined || after === undefined
      ? []
      : columnsChanged(before, after).map(
          (each) =>
            html`<li><b>${each.column}</b>: ${side(each.before)} <span aria-label="${t.became}">&rarr;</span> ${side(each.after)}</li>`,
        );
  return html`<li><span class="${kind}">${sign}</span>${time(view, date, 'moment')}<div><p class="said"><span class="${kind}">${t[change]}</span></p>${changes.length > 0 && html`<ul class="changes">${changes}</ul>`}
${commit !== undefined && html`<p class="soft commit"><code>${commit.slice(0, 7)}</code> ${by !== undefined && `${by.author}: ${by.title}`}</p>`}<p class="below">${isHere ? html`<a href="${at('backups', name)}">${name}</a>` : html`<span class="soft">${name}</span>`}</p></div></li>`;
}

const side = (raw: string | undefined): Piece =>
  raw === undefined ? html`<span class="soft">&ndash;</span>` : folded(shown(raw));
