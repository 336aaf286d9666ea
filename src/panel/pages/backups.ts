import { SEALED_FORMAT } from '../../format/sealed.ts';
import type { Entry } from '../../operations/catalog.ts';
import { html, type Markup } from '../html.ts';
import { button, NAME_PATTERN, scrolling, time, type View } from '../layout.ts';
import type { BackupDetail, TableOfBackup } from '../worker/acts.ts';
import { leftOutNote } from './left-out.ts';

/** The first `shown` of some backups; the one after the last is there to compare with. */
export function backupTable(view: View, entries: readonly Entry[], shown: number): Markup {
  const { t, at, format } = view;
  const rows = entries.slice(0, shown).map(({ name, metadata }, index) => {
    const { origin } = metadata;
    return html`<tr><th scope="row"><a href="${at('backups', name)}">${name}</a></th>
<td data-label="${t.when}" class="nowrap">${time(view, metadata.backup_date)}</td>
<td data-label="${t.origin}"><span><span class="tag ${origin.environment === 'production' && 'production'}">${origin.environment}</span> <span class="soft">${origin.trigger}</span>${metadata.format === SEALED_FORMAT && html` <span class="tag">${t.encrypted}</span>`}</span></td>
<td data-label="${t.commit}">${origin.commit !== undefined && html`<code>${origin.commit.slice(0, 7)}</code>`}</td>
<td data-label="${t.rows}" class="number">${format.number(metadata.rows)}</td>
<td data-label="${t.size}" class="number">${format.size(metadata.bytes + (metadata.file_bytes ?? 0))}</td>
<td data-label="${t.change}" class="number">${changeOf(view, metadata, entries[index + 1]?.metadata)}</td></tr>`;
  });
  return scrolling(
    t.backups,
    html`<table class="stack"><thead><tr><th scope="col">${t.name}</th><th scope="col">${t.when}</th><th scope="col">${t.origin}</th><th scope="col">${t.commit}</th><th scope="col" class="number">${t.rows}</th><th scope="col" class="number">${t.size}</th><th scope="col" class="number">${t.change}</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
}

function changeOf({ t, format }: View, now: Entry['metadata'], before: Entry['metadata'] | undefined): Markup {
  if (before === undefined) return html`<span class="soft">${t.firstOne}</span>`;
  if (now.content === before.content) return html`<span class="soft">${t.sameData}</span>`;
  const rows = now.rows - before.rows;
  if (rows === 0) return html`<span>${t.rowsChanged}</span>`;
  return html`<span class="${rows > 0 ? 'plus' : 'minus'}">${format.signed(rows)}</span>`;
}

export function backupPage(
  view: View,
  { entry, recipients, previous, tables, schema, mayBeNamed }: BackupDetail,
): Markup {
  const { t, at, format, rights } = view;
  const { name, metadata } = entry;
  const { origin } = metadata;
  const others = schema.filter(({ type }) => type !== 'table');
  return html`<div class="head"><div><h1>${name}</h1><p class="soft">${format.moment(metadata.backup_date)}, ${time(view, metadata.backup_date)}</p></div></div>
<div class="row">${rights === 'write' && html`<a class="button primary" href="${at('backups', name, 'restore')}">${t.restore}</a>`}
${button(at('compare'), t.compareWithNow, 'plain', { of: name })}${button(at('verify'), t.verify, 'plain', { name })}
<a class="button" href="${at('backups', name, 'download')}" download>${t.download}</a></div>
<p class="hint">${t.verifyExplained}</p>
<section class="card"><h2>${t.details}</h2><dl><dt>${t.environment}</dt><dd>${origin.environment}</dd><dt>${t.origin}</dt><dd>${origin.trigger}</dd>
${origin.host !== undefined && html`<dt>${t.host}</dt><dd>${origin.host}</dd>`}${origin.commit !== undefined && html`<dt>${t.commit}</dt><dd><code>${origin.commit}</code></dd>`}
<dt>${t.rows}</dt><dd>${format.number(metadata.rows)}</dd>${metadata.files !== undefined && html`<dt>${t.files}</dt><dd>${format.number(metadata.files)} (${format.size(metadata.file_bytes ?? 0)})</dd>`}<dt>${t.size}</dt><dd>${format.size(metadata.bytes + (metadata.file_bytes ?? 0))}</dd>${recipients.length > 0 && html`<dt>${t.encryptedTo}</dt><dd>${recipients.map((each) => html`<code>${each}</code> `)}</dd>`}</dl>${leftOutNote(metadata, t.leftOut)}${recipients.length > 0 && html`<p class="hint">${t.downloadIsPlain}</p>`}</section>
<section class="card"><h2>${t.tables}</h2>${scrolling(
    t.tables,
    html`<table><thead><tr><th scope="col">${t.table}</th><th scope="col" class="number">${t.rows}</th>${previous !== undefined && html`<th scope="col" class="number">${t.change}</th>`}</tr></thead><tbody>${tables.map(
      (table) =>
        html`<tr><th scope="row"><a href="${rowsAddress(view, name, table.name)}">${table.name}</a></th><td class="number">${format.number(table.rows)}</td>${previous !== undefined && html`<td class="number">${tableChange(view, table)}</td>`}</tr>`,
    )}</tbody></table>`,
  )}${previous !== undefined && html`<p class="hint">${t.sinceBefore(previous)}</p>`}</section>
${rights === 'write' && nameAndDelete(view, name, mayBeNamed)}
${others.length > 0 && html`<section class="card"><details><summary>${t.schema} (${others.length})</summary><ul>${others.map((each) => html`<li><span class="soft">${each.type}</span> ${each.name}</li>`)}</ul></details></section>`}`;
}

function nameAndDelete({ t, at }: View, name: string, mayBeNamed: boolean): Markup {
  return html`<section class="card" id="name"><h2>${t.giveName}</h2>${mayBeNamed && html`<p class="soft">${t.nameKeeps}</p><form method="post" action="${at('backups', name, 'name')}" class="fields"><label><span>${t.name}</span><input name="name" maxlength="100" required pattern="${NAME_PATTERN}" autocomplete="off" spellcheck="false" aria-describedby="name-hint"></label><button>${t.giveName}</button></form><p class="hint" id="name-hint">${t.letters}</p>`}<p><a href="${at('backups', name, 'delete')}">${t.deleteTitle(name)}</a></p></section>`;
}

const rowsAddress = ({ at }: View, name: string, table: string) =>
  `${at('backups', name, 'rows')}?${new URLSearchParams({ table })}`;

function tableChange({ t, format }: View, { rows, before, changed }: TableOfBackup): Markup {
  if (!changed) return html`<span class="soft">${t.unchanged}</span>`;
  if (before === undefined) return html`<span class="plus">${t.newTable}</span>`;
  const more = rows - before;
  if (more === 0) return html`${t.rowsChanged}`;
  return html`<span class="${more > 0 ? 'plus' : 'minus'}">${format.signed(more)}</span>`;
}
