import { isNamedByTime } from '../../core/names.ts';
import { breakable, html, type Markup, type Piece } from '../html.ts';
import { button, NAME_PATTERN, scrolling, time, type View } from '../layout.ts';
import type { AtATime, TableAtATime } from '../worker/browse.ts';
import { leftOutNote } from './left-out.ts';

/** What was in the database at a time, and the way to any other. */
export function browsePage(view: View, found: AtATime, bringsRows: boolean): Markup {
  const { t, at, format, rights, mayReplace } = view;
  const { entry, times, previous, tables, schema } = found;
  const { name, metadata } = entry;
  const when = time(view, metadata.backup_date, 'moment');
  const others = schema.filter(({ type }) => type !== 'table');
  return html`<div class="head"><div><h1>${isNamedByTime(name) ? when : name}</h1><p class="soft">${isNamedByTime(name) ? breakable(name) : when} &middot; ${t.rowsCount(metadata.rows)}</p></div>${timeForm(view, 'browse', name, times)}</div>
<div class="row">${rights === 'write' && mayReplace && html`<a class="button primary" href="${at('backups', name, 'restore')}">${t.restoreHere}</a>`}
${button(at('compare'), t.compareWithNow, 'plain', { of: name })}${button(at('verify'), t.verify, 'plain', { name })}
<a class="button" href="${at('backups', name, 'download')}" download>${t.download}</a></div>
${leftOutNote(metadata, t.leftOut)}
<section class="card"><h2>${t.tables}</h2>${tableList(view, name, tables, previous, bringsRows && rights === 'write')}${previous !== undefined && html`<p class="hint">${breakable(t.sinceBefore(previous))}</p>`}</section>
<section class="card"><details><summary>${t.details}</summary>${facts(view, found)}</details>
${others.length > 0 && html`<details><summary>${t.schema} (${format.number(others.length)})</summary><ul>${others.map((each) => html`<li><span class="soft">${each.type}</span> ${each.name}</li>`)}</ul></details>`}
<p class="hint">${t.verifyExplained}</p></section>
${rights === 'write' && nameAndDelete(view, name, found.mayBeNamed)}`;
}

/** So many times are offered; older ones are reached from the timeline. */
const TIMES = 200;

export function timeForm(
  view: View,
  place: 'browse' | 'restore',
  name: string,
  times: AtATime['times'],
): Markup | undefined {
  const { t, at, format } = view;
  if (times.length < 2) return undefined;
  const index = times.findIndex((each) => each.name === name);
  const [newer, older] = [times[index - 1], index === -1 ? undefined : times[index + 1]];
  const near = times.slice(Math.max(0, index - TIMES / 2), Math.max(0, index - TIMES / 2) + TIMES);
  const step = (to: string | undefined, words: string) =>
    to !== undefined &&
    html`<a class="button" href="${place === 'browse' ? at('backups', to) : at('backups', to, place)}">${words}</a>`;
  return html`<form method="get" action="${at(place)}" class="fields times"><label><span>${t.at}</span><select name="at">${near.map(
    (each) =>
      html`<option value="${each.name}"${each.name === name && html` selected`} data-at="${each.date}">${format.moment(each.date)}${!isNamedByTime(each.name) && ` (${each.name})`}</option>`,
  )}</select></label><button>${t.go}</button>${step(older?.name, t.older)}${step(newer?.name, t.newer)}</form>`;
}

function facts(view: View, { entry, recipients }: AtATime): Markup {
  const { t, format } = view;
  const { metadata } = entry;
  const { origin } = metadata;
  return html`<dl><dt>${t.environment}</dt><dd>${origin.environment}</dd><dt>${t.origin}</dt><dd>${origin.trigger}</dd>
${origin.host !== undefined && html`<dt>${t.host}</dt><dd>${origin.host}</dd>`}${origin.commit !== undefined && html`<dt>${t.commit}</dt><dd><code>${origin.commit}</code></dd>`}
${metadata.files !== undefined && html`<dt>${t.files}</dt><dd>${format.number(metadata.files)} (${format.size(metadata.file_bytes ?? 0)})</dd>`}<dt>${t.size}</dt><dd>${format.size(metadata.bytes + (metadata.file_bytes ?? 0))}</dd>${recipients.length > 0 && html`<dt>${t.encryptedTo}</dt><dd>${recipients.map((each) => html`<code>${each}</code> `)}</dd>`}</dl>${recipients.length > 0 && html`<p class="hint">${t.downloadIsPlain}</p>`}`;
}

function tableList(
  view: View,
  name: string,
  tables: readonly TableAtATime[],
  previous: string | undefined,
  canPick: boolean,
): Markup {
  const { t, at, format } = view;
  const rows = tables.map((table) => {
    const address = `${at('backups', name, 'rows')}?${new URLSearchParams({ table: table.name })}`;
    return html`<tr><th scope="row">${canPick && html`<input type="checkbox" name="table" value="${table.name}" aria-label="${t.pickTable(table.name)}"> `}<a href="${address}">${table.name}</a></th><td class="number" data-label="${t.rows}">${format.number(table.rows)}</td>${previous !== undefined && html`<td class="number" data-label="${t.change}">${tableChange(view, table)}</td>`}<td class="number" data-label="${t.size}">${format.size(table.bytes)}</td><td data-label="${t.overTimeShort}">${curve(view, table)}</td></tr>`;
  });
  const list = scrolling(
    t.tables,
    html`<table class="stack"><thead><tr><th scope="col">${t.table}</th><th scope="col" class="number">${t.rows}</th>${previous !== undefined && html`<th scope="col" class="number">${t.change}</th>`}<th scope="col" class="number">${t.size}</th><th scope="col">${t.overTimeShort}</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
  if (!canPick) return list;
  return html`<form method="get" action="${at('backups', name, 'restore')}" data-pick="table" class="timeline">${list}<div class="dock"><p class="hint">${t.pickTablesHint}</p><button>${t.bringThese}</button></div></form>`;
}

function tableChange({ t, format }: View, { rows, before, changed }: TableAtATime): Piece {
  if (!changed) return html`<span class="soft">${t.unchanged}</span>`;
  if (before === undefined) return html`<span class="plus">${t.newTable}</span>`;
  const more = rows - before;
  if (more === 0) return t.rowsChanged;
  return html`<span class="${more > 0 ? 'plus' : 'minus'}">${format.signed(more)}</span>`;
}

const WIDTH = 120;
const HEIGHT = 24;

/** How many rows a table had, backup by backup. */
function curve({ t }: View, { history }: TableAtATime): Markup | undefined {
  const [first = 0] = history;
  const last = history.at(-1) ?? 0;
  if (history.length < 2) return undefined;
  const top = Math.max(1, ...history);
  const points = history.map(
    (rows, at) => `${Math.round((at / (history.length - 1)) * WIDTH)},${Math.round((1 - rows / top) * HEIGHT) + 1}`,
  );
  return html`<svg class="curve" viewBox="0 0 ${WIDTH} ${HEIGHT + 2}" role="img" aria-label="${t.curve(first, last, history.length)}"><polyline points="${points.join(' ')}"/></svg>`;
}

function nameAndDelete({ t, at }: View, name: string, mayBeNamed: boolean): Markup {
  return html`<section class="card" id="name"><h2>${t.giveName}</h2>${mayBeNamed && html`<p class="soft">${t.nameKeeps}</p><form method="post" action="${at('backups', name, 'name')}" class="fields"><label><span>${t.name}</span><input name="name" maxlength="100" required pattern="${NAME_PATTERN}" autocomplete="off" spellcheck="false" aria-describedby="name-hint"></label><button>${t.giveName}</button></form><p class="hint" id="name-hint">${t.letters}</p>`}<p><a href="${at('backups', name, 'delete')}">${t.deleteTitle(name)}</a></p></section>`;
}
