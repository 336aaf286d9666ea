import { isNamedByTime } from '../../core/names.ts';
import type { Snapshot } from '../../local/snapshots.ts';
import { html, type Markup, type Piece } from '../html.ts';
import { isMuch } from '../is-much.ts';
import type { Job, Outcome } from '../jobs.ts';
import { button, time, type View } from '../layout.ts';
import type { AtATime } from '../worker/browse.ts';
import type { Scope } from '../worker/plan.ts';
import { timeForm } from './browse.ts';
import { planResult } from './compare.ts';
import { leftOutNote } from './left-out.ts';
import { undoCard } from './undo.ts';

/** What somebody wants back, as they have said so far. */
export interface Wanted {
  readonly tables: readonly string[];
  /** Numbers of rows in the one table. */
  readonly rows: readonly number[];
}

export interface Around {
  readonly isFile: boolean;
  readonly bringsRows: boolean;
  readonly undo: Snapshot | undefined;
  readonly largestUpload: number;
}

/** Which backup, and what of it: nothing is replaced by looking. */
export function restorePage(view: View, found: AtATime, wanted: Wanted, around: Around, error?: string): Markup {
  const { t, mayReplace } = view;
  const { entry, times } = found;
  const { name, metadata } = entry;
  return html`<div class="head"><div><h1>${isNamedByTime(name) ? t.restore : t.restoreTitle(name)}</h1><p class="soft">${time(view, metadata.backup_date, 'moment')} &middot; ${t.rowsCount(metadata.rows)}</p></div>${timeForm(view, 'restore', name, times)}</div>
${error !== undefined && html`<p class="notice red" role="alert">${error}</p>`}
${undoCard(view, around.undo)}
${!mayReplace && html`<p class="notice yellow">${t.cannotReplace}</p>`}
${scopeForm(view, found, wanted, around)}
${copyCard(view, name, around)}${importCard(view, around.largestUpload)}`;
}

function scopeForm(view: View, { entry, tables }: AtATime, wanted: Wanted, { bringsRows }: Around): Markup {
  const { t, at } = view;
  const { name } = entry;
  const [picked] = wanted.tables;
  const hasRows = wanted.rows.length > 0 && picked !== undefined;
  const choice = (scope: Scope['kind'], isChosen: boolean, words: string) =>
    html`<label class="check"><input type="radio" name="scope" value="${scope}"${isChosen && html` checked`}> ${words}</label>`;
  const list = tables.map(
    (table) =>
      html`<label class="check"><input type="checkbox" name="table" value="${table.name}"${!hasRows && wanted.tables.includes(table.name) && html` checked`}> ${table.name} <span class="soft">${t.rowsCount(table.rows)}</span></label>`,
  );
  return html`<form method="post" action="${at('backups', name, 'preview')}" class="card"><p>${t.restoreFirst}</p>
<fieldset class="scope"><legend>${t.whatBack}</legend>${choice('all', wanted.tables.length === 0, t.everything)}
${
  bringsRows &&
  html`${
    hasRows &&
    html`${choice('rows', true, t.theseRows(wanted.rows.length, picked))}<input type="hidden" name="of" value="${picked}">${wanted.rows.map((row) => html`<input type="hidden" name="row" value="${row}">`)}`
  }${choice('tables', wanted.tables.length > 0 && !hasRows, t.theseTables)}<div class="indent">${tables.length > FEW ? html`<details${!hasRows && wanted.tables.length > 0 && html` open`}><summary>${t.tablesCount(tables.length)}</summary>${list}</details>` : list}
<label class="check"><input type="checkbox" name="exact" value="yes"> ${t.exact}</label><label class="check"><input type="checkbox" name="parents" value="yes" checked> ${t.withParents}</label></div>`
}</fieldset>
<div class="row"><button class="primary">${t.previewButton}</button><a class="button" href="${at('backups', name)}">${t.openBackup}</a></div></form>`;
}

/** So many tables stand there at once. */
const FEW = 12;

function copyCard({ t, at }: View, name: string, { isFile }: Around): Markup | undefined {
  if (!isFile) return undefined;
  return html`<section class="card"><h2>${t.intoCopy}</h2><p class="soft">${t.copyExplained}</p><div class="row"><a class="button" href="${at('backups', name, 'download-db')}" download>${t.downloadDb}</a></div></section>`;
}

export function importCard({ t, at, format, mayReplace }: View, largest: number): Markup | undefined {
  if (!mayReplace) return undefined;
  return html`<section class="card" id="import"><h2>${t.importTitle}</h2><p>${t.importExplained}</p><p class="soft">${t.importFirst}</p><form method="post" action="${at('import')}" enctype="multipart/form-data" class="fields"><div><label for="document" class="label">${t.document}</label><input type="file" id="document" name="document" accept=".json,application/json" required aria-describedby="document-hint"></div><button>${t.importLook}</button></form><p class="hint" id="document-hint">${t.documentHint(format.size(largest))}</p></section>`;
}

export function previewCard(
  view: View,
  { id, about: name }: Job,
  { value }: Extract<Outcome, { name: 'preview' }>,
): Markup {
  const { t, at } = view;
  const confirm = {
    action: at('backups', name, 'restore'),
    id,
    name,
    title: t.restoreTitle(name),
    button: t.restoreNow,
  };
  return html`${planned(view, value, t.nothingWould)}${confirmation(view, confirm, value, isMuch(value))}`;
}

export function trialCard(
  view: View,
  { id, about: name }: Job,
  { value }: Extract<Outcome, { name: 'trial' }>,
): Markup {
  const { t, at, rights, mayReplace } = view;
  const confirm = { action: at('import', 'confirm'), id, name, title: t.importWhat(name), button: t.importNow };
  // Whoever made the document may have meant anything with it.
  return html`${planned(view, value, t.nothingWouldBe)}${confirmation(view, confirm, value, true)}
${rights === 'write' && mayReplace && html`<div class="row">${button(at('import', 'drop'), t.dropUpload, 'plain', { preview: id })}</div>`}`;
}

type Planned = Extract<Outcome, { name: 'preview' | 'trial' }>['value'];

function planned(view: View, value: Planned, nothing: string): Piece {
  const { t } = view;
  const told =
    value.kind === 'diff'
      ? planResult(view, value.diff, nothing)
      : html`<p class="notice yellow">${value.kind === 'unreadable' ? t.unreadableNow(value.rows, value.tables) : t.nothingThere(value.rows, value.tables)}</p>`;
  return html`${value.warnings.map((each) => html`<p class="notice yellow">${each}.</p>`)}${told}${leftOutNote(value.leftOut, t.leftOutStays)}`;
}

interface Confirmation {
  readonly action: string;
  /** Of the job that showed what would change. */
  readonly id: string;
  /** What must be typed. */
  readonly name: string;
  readonly title: string;
  readonly button: string;
}

/** The name stands out from the words around it. */
function typeThis(t: View['t'], name: string): Markup {
  const [before = '', after = ''] = t.confirmName('\n').split('\n');
  return html`${before}<code>${name}</code>${after}`;
}

/** Typed is only where much would be lost; an undo is promised only where there is something to go back to. */
function confirmation(
  view: View,
  { action, id, name, title, button: words }: Confirmation,
  value: Planned,
  mustType: boolean,
): Markup | undefined {
  const { t, rights, mayReplace } = view;
  if (rights !== 'write') return undefined;
  const isPartly = 'isPartly' in value;
  if (!mayReplace && !isPartly)
    return html`<section class="card"><h2>${title}</h2><p class="notice yellow">${t.cannotReplace}</p></section>`;
  const typed = mustType
    ? html`<label><span>${typeThis(t, name)}</span><input name="confirm" required autocomplete="off" autocapitalize="off" spellcheck="false" data-expected="${name}"></label>`
    : undefined;
  const promise = value.kind === 'nothing-there' ? undefined : mayReplace ? t.restoreSafety : t.snapshotFirst;
  return html`<section class="card"><h2>${title}</h2>${promise !== undefined && html`<p class="soft">${promise}</p>`}<form method="post" action="${action}" class="fields"><input type="hidden" name="preview" value="${id}">${typed}<button class="${typed === undefined ? 'primary' : 'danger'}">${words}</button></form></section>`;
}
