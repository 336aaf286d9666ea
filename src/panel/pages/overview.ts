import type { Step } from '../../core/chain/step.ts';
import type { Light } from '../../core/decide.ts';
import type { Status } from '../../operations/status.ts';
import { hintFor } from '../hint.ts';
import { html, type Markup } from '../html.ts';
import { NAME_PATTERN, scrolling, time, type View } from '../layout.ts';
import type { Overview } from '../worker/acts.ts';
import { backupTable } from './backups.ts';
import { backupCalendar } from './calendar.ts';
import { historyChart } from './chart.ts';
import { leftOutNote } from './left-out.ts';

const RECENT = 5;
/** So many tables are shown at once; the rest is folded. */
const TABLES = 8;
const UNDO_WITHIN = 24 * 3600 * 1000;

export function overviewPage(view: View, overview: Overview, today: Date): Markup {
  const { t, at } = view;
  const { entries } = overview;
  return html`${statusCard(view, overview)}
${undoCard(view, overview, today)}
<div class="${entries.length > 0 ? 'pair' : 'one'}">${databaseCard(view, overview)}
${entries.length > 0 && historyCard(view, entries, today)}</div>
${entries.length > 0 && html`<section class="card" aria-labelledby="recent"><div class="head"><h2 id="recent">${t.recent}</h2><a href="${at('timeline')}">${t.allBackups}</a></div>${backupTable(view, entries.slice(0, RECENT + 1), RECENT)}</section>`}`;
}

function historyCard(view: View, entries: Overview['entries'], today: Date): Markup {
  const { t } = view;
  return html`<section class="card" aria-labelledby="time"><h2 id="time">${t.overTime}</h2>
${historyChart(view, entries) ?? html`<p class="soft">${t.backupsCount(entries.length)}: ${t.rowsCount(entries[0]?.metadata.rows ?? 0)}</p>`}
<h2>${t.calendar}</h2>${backupCalendar(view, entries, today)}</section>`;
}

function statusCard(view: View, { status }: Overview): Markup {
  const { t, at, rights } = view;
  const { light, newest, chain } = status;
  return html`<section class="card status" aria-labelledby="verdict">
<div class="verdict">${lamp(light)}<div><h1 id="verdict">${t[light]}</h1>
<p>${newest === undefined ? t.noBackup : html`${t.newest(view.format.age(newest.metadata.backup_date))} ${t.rowsCount(newest.metadata.rows)}, ${t.tablesCount(newest.metadata.tables)}.`}</p></div></div>
<ul class="reasons" aria-label="${t.why}">${chain.steps.map((step) => stepItem(view, step))}</ul>
${
  rights === 'write' &&
  status.database.isThere &&
  html`<form method="post" action="${at('backup')}" class="fields"><label><span>${t.name} <span class="soft">(${t.optional})</span></span>
<input name="name" maxlength="100" pattern="${NAME_PATTERN}" autocomplete="off" spellcheck="false" aria-describedby="name-hint"></label>
<button class="primary">${t.backUpNow}</button></form><p class="hint" id="name-hint">${t.nameHint}</p>`
}
</section>`;
}

const SHAPES: Readonly<Record<Light, string>> = {
  green: 'm15 24.5 6.5 6.5L34 17.5',
  yellow: 'M24 14v13M24 33.5v.2',
  red: 'm17 17 14 14M31 17 17 31',
};

/** A colour is not enough: the shape says it too, and the words beside it. */
const lamp = (light: Light) =>
  html`<svg class="lamp ${light}" viewBox="0 0 48 48" aria-hidden="true"><circle class="halo" cx="24" cy="24" r="24"/><circle cx="24" cy="24" r="17.5"/><path d="${SHAPES[light]}"/></svg>`;

/** A step of the chain: its name, its light in a word, and what mends it. */
const stepItem = (view: View, { name, light, text, date, hint }: Step) => {
  const { t } = view;
  return html`<li class="${light}"><b>${t.steps[name]}</b><span>${light !== 'green' && html`<b>${t.lightWords[light]}.</b> `}${text}${date !== undefined && light === 'green' && html` <span class="soft">${time(view, date)}</span>`}</span>${hint !== undefined && html`<span class="hint">${hintFor(view, hint)}</span>`}</li>`;
};

function undoCard(view: View, { snapshots }: Overview, today: Date): Markup | undefined {
  const { t, at, rights, mayReplace, format } = view;
  const [last] = snapshots;
  if (last === undefined || rights !== 'write' || !mayReplace || !/^before /.test(last.label)) return undefined;
  if (today.getTime() - Date.parse(last.date) > UNDO_WITHIN) return undefined;
  return html`<section class="card"><div class="head"><div><h2>${t.undo}</h2><p class="soft">${t.undoOffer(last.label, format.age(last.date))}</p></div>
<a class="button" href="${at('snapshots', last.id)}">${t.undo}</a></div></section>`;
}

function databaseCard(view: View, { status, file, counts }: Overview): Markup {
  const { t, format } = view;
  const { database, environment, leftOut } = status;
  const largestFirst = [...counts].sort(([, a], [, b]) => b - a);
  return html`<section class="card" aria-labelledby="database"><h2 id="database">${t.database}</h2>
<dl><dt>${t.file}</dt><dd class="mono">${file}</dd>
${fileFacts(view, database)}<dt>${t.rows}</dt><dd>${database.rows === undefined ? t.unknown : format.number(database.rows)}</dd>
<dt>${t.environment}</dt><dd>${environment}</dd></dl>
${leftOutNote(leftOut, t.leftOut)}
${countTable(view, largestFirst.slice(0, TABLES), t.tables)}
${largestFirst.length > TABLES && html`<details><summary>${t.allTables(largestFirst.length)}</summary>${countTable(view, [...counts], t.allTables(counts.length))}</details>`}</section>`;
}

/** Only a file has a size that is worth telling, and says when it was written to. */
const fileFacts = (view: View, { isThere, bytes, modified }: Status['database']) =>
  (bytes !== undefined || !isThere) &&
  html`<dt>${view.t.fileSize}</dt><dd>${bytes === undefined ? view.t.missing : view.format.size(bytes)}</dd>
<dt>${view.t.lastChange}</dt><dd>${modified === undefined ? view.t.unknown : time(view, modified)}</dd>
`;

function countTable(
  { t, format }: View,
  counts: readonly (readonly [string, number])[],
  label: string,
): Markup | undefined {
  if (counts.length === 0) return undefined;
  return scrolling(
    label,
    html`<table><thead><tr><th scope="col">${t.table}</th><th scope="col" class="number">${t.rows}</th></tr></thead><tbody>${counts.map(
      ([name, rows]) => html`<tr><th scope="row">${name}</th><td class="number">${format.number(rows)}</td></tr>`,
    )}</tbody></table>`,
  );
}
