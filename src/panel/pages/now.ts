import type { Cause, Step } from '../../core/chain/step.ts';
import type { Light } from '../../core/decide.ts';
import { missingColumns } from '../../core/privacy/left-out.ts';
import type { Status } from '../../operations/status.ts';
import { hintFor } from '../hint.ts';
import { breakable, html, type Markup, type Piece } from '../html.ts';
import { button, NAME_PATTERN, time, type View } from '../layout.ts';
import type { Back, Now } from '../worker/now.ts';
import { historyChart } from './chart.ts';
import { leftOutNote } from './left-out.ts';
import { undoCard } from './undo.ts';

/** At a glance: one sentence, how far the data has come, and one button where something is wrong. */
export function nowPage(view: View, now: Now): Markup {
  const { t, at } = view;
  const { status, back } = now;
  return html`<section class="card status" aria-labelledby="verdict"><div data-live="${at('events')}">
<div class="verdict">${lamp(status.light)}<div><h1 id="verdict">${sentence(view, now)}</h1><p>${t[status.light]}</p></div></div>
${back !== undefined && bringBack(view, back)}
<ol class="chain" aria-label="${t.chain}">${status.chain.steps.map((step) => link(view, step, status))}</ol>
${firstFault(view, now)}</div>
${backupForm(view, now)}</section>
${undoCard(view, now.undo)}
<div class="${now.entries.length > 1 ? 'pair' : 'one'}">${databaseCard(view, now)}${historyCard(view, now)}</div>`;
}

/** Nobody is called safe whose backup is nowhere else, or was never tried. */
function sentence(view: View, { status, back }: Now): Piece {
  const { t } = view;
  const [saved, ...others] = status.chain.steps;
  const { newest, database } = status;
  if (back !== undefined) return database.isThere ? t.nothingInIt : t.isGone;
  if (saved?.cause === 'database') return t.cannotBeRead;
  if (saved?.cause === 'hold') return t.isHeld;
  if (saved?.cause === 'development') return t.isForDevelopment;
  if (newest === undefined) return database.rows ? t.nothingSaved(database.rows) : t.noBackup;
  const isSafe = others.every(({ light }) => light === 'green');
  const [before = '', after = ''] = (isSafe ? t.safeUpTo('\n') : t.savedUpTo('\n')).split('\n');
  return html`${before}${time(view, newest.metadata.backup_date, 'since')}${after}${rest(view, saved)}`;
}

function rest({ t }: View, saved: Step | undefined): string {
  if (saved === undefined || saved.light === 'green') return '';
  if (saved.unsaved !== undefined) return `; ${t.notSavedYet(saved.unsaved)}`;
  return saved.cause === 'unknown' || saved.cause === 'changed' ? `; ${t.notCompared}` : '';
}

const SHAPES: Readonly<Record<Light, string>> = {
  green: 'm15 24.5 6.5 6.5L34 17.5',
  yellow: 'M24 14v13M24 33.5v.2',
  red: 'm17 17 14 14M31 17 17 31',
};

/** A colour is not enough: the shape says it too, and the words beside it. */
const lamp = (light: Light) =>
  html`<svg class="lamp ${light}" viewBox="0 0 48 48" aria-hidden="true"><circle class="halo" cx="24" cy="24" r="24"/><circle cx="24" cy="24" r="17.5"/><path d="${SHAPES[light]}"/></svg>`;

/** A step of the chain: its name, its light in a word, and when it was last done. */
function link(view: View, step: Step, { stores }: Status): Markup {
  const { t } = view;
  const { name, light, date, cause } = step;
  const text = t.reasons[cause ?? name]?.(step) ?? step.text;
  const title = name === 'pushed' && stores.length > 0 ? t.steps.copied : t.steps[name];
  return html`<li class="${light}"><b>${lamp(light)}${title}</b>${date !== undefined && html` ${time(view, date, 'since')}`}<span>${light !== 'green' && html`<b>${t.lightWords[light]}.</b> `}${breakable(text)}</span></li>`;
}

/** What to do about the first thing that is wrong: a button where the panel can do it, and else what to type. */
function firstFault(view: View, now: Now): Markup | undefined {
  const { t } = view;
  const { first } = now.status.chain;
  if (first === undefined || now.back !== undefined) return undefined;
  const remedy = remedyOf(view, now, first);
  const words = first.hint === undefined ? undefined : hintFor(view, first.hint);
  if (remedy === undefined && words === undefined) return undefined;
  return html`<div class="remedy">${remedy}${words !== undefined && html`<p class="hint">${t.tryNext} ${words}</p>`}</div>`;
}

const BROKEN: readonly Cause[] = ['database', 'hold', 'development'];
/** Making a backup would not help, or make it worse. */
const isBroken = ({ status, back }: Now) =>
  back !== undefined || status.chain.steps.some(({ cause }) => cause !== undefined && BROKEN.includes(cause));

/** The command of ours that mends a step, where there is one alone. */
function mender({ command }: Step): string | undefined {
  const [call, ...others] = command?.calls ?? [];
  if (call === undefined || !('own' in call) || others.length > 0) return undefined;
  // To look is not to mend.
  return call.args.includes('--dry-run') ? undefined : call.own;
}

function remedyOf({ t, at, rights, mayReplace }: View, { status }: Now, step: Step) {
  const newest = status.newest?.name;
  const { cause } = step;
  const command = mender(step);
  if (command === 'verify' && newest !== undefined)
    return button(at('verify'), t.tryNewest, 'primary', { name: newest });
  if (rights !== 'write') return undefined;
  if (command === 'push') return button(at('push'), t.copyNow, 'primary');
  const isLost = (cause !== undefined && BROKEN.includes(cause)) || command === 'restore';
  if (!isLost || !mayReplace || newest === undefined) return undefined;
  return html`<a class="button primary" href="${at('backups', newest, 'restore')}">${t.seeRestore}</a>`;
}

/** One click, and all that it would do stands beside it. */
function bringBack(view: View, { name, date, rows, tables, leftOut }: Back): Markup {
  const { t, at, rights, mayReplace } = view;
  const columns = Object.keys(leftOut.redacted ?? {}).flatMap((table) =>
    missingColumns(leftOut, table).map((column) => `${table}.${column}`),
  );
  const { redacted: _, ...others } = leftOut;
  return html`<div class="remedy"><p>${breakable(t.wouldComeBack(rows, tables, name))} ${time(view, date, 'moment')}</p>
${columns.length > 0 && html`<p class="notice yellow">${t.willBeNull(columns.join(', '))}</p>`}${leftOutNote(others, t.leftOut)}
${rights === 'write' && (mayReplace ? button(at('bring-back'), t.bringBack, 'primary', { name }) : html`<p class="notice yellow">${t.cannotReplace}</p>`)}</div>`;
}

function backupForm(view: View, now: Now): Markup | undefined {
  const { t, at, rights } = view;
  const { status } = now;
  if (rights !== 'write' || !status.database.isThere || isBroken(now)) return undefined;
  const kind = status.chain.first !== undefined && mender(status.chain.first) === 'backup' ? 'primary' : 'plain';
  return html`<form method="post" action="${at('backup')}" class="fields"><label><span>${t.name} <span class="soft">(${t.optional})</span></span>
<input name="name" maxlength="100" pattern="${NAME_PATTERN}" autocomplete="off" spellcheck="false" aria-describedby="name-hint"></label>
<button class="${kind}">${t.backUpNow}</button></form><p class="hint" id="name-hint">${t.nameHint}</p>`;
}

function databaseCard(view: View, { status, file }: Now): Markup {
  const { t, at, format } = view;
  const { database, environment, leftOut } = status;
  return html`<section class="card" aria-labelledby="database"><h2 id="database">${t.database}</h2>
<dl><dt>${t.file}</dt><dd class="mono">${file}</dd>
${fileFacts(view, database)}${database.rows !== undefined && html`<dt>${t.rows}</dt><dd>${format.number(database.rows)}</dd>`}${database.tables !== undefined && html`<dt>${t.tables}</dt><dd>${format.number(database.tables)}</dd>`}
<dt>${t.environment}</dt><dd>${environment}</dd></dl>
${leftOutNote(leftOut, t.leftOut)}${database.isThere && html`<p><a href="${at('download')}" download>${t.exportNow}</a></p>`}</section>`;
}

/** Only a file has a size that is worth telling, and says when it was written to. */
const fileFacts = (view: View, { isThere, bytes, modified }: Status['database']) =>
  (bytes !== undefined || !isThere) &&
  html`<dt>${view.t.fileSize}</dt><dd>${bytes === undefined ? view.t.missing : view.format.size(bytes)}</dd>
${modified !== undefined && html`<dt>${view.t.lastChange}</dt><dd>${time(view, modified)}</dd>`}`;

function historyCard(view: View, { entries }: Now): Markup | undefined {
  const chart = historyChart(view, entries);
  if (chart === undefined) return undefined;
  const { t, at } = view;
  return html`<section class="card" aria-labelledby="time"><div class="head"><h2 id="time">${t.overTime}</h2><a href="${at('timeline')}">${t.backupsCount(entries.length)}</a></div>${chart}</section>`;
}
