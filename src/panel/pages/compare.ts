import type { RowChange } from '../../core/diff.ts';
import { membersOf } from '../../core/json.ts';
import type { TableDiff } from '../../operations/compare-table.ts';
import type { Diff } from '../../operations/diff.ts';
import type { FilesDiff } from '../../operations/diff-files.ts';
import { breakable, html, type Markup } from '../html.ts';
import { scrolling, type View } from '../layout.ts';
import { shown, shownKey } from './value.ts';

/** Words for the three kinds of change, and which side of a comparison stands where. */
interface Telling {
  readonly added: string;
  readonly changed: string;
  readonly removed: string;
}

export function diffResult(view: View, diff: Diff): Markup {
  const { t } = view;
  const to = diff.to === 'the database' ? t.theDatabase : diff.to;
  return html`<p class="soft">${breakable(t.compared(diff.from, to))}</p>${changes(view, diff, { added: t.added, changed: t.changed, removed: t.removed }, t.noDifference)}`;
}

/** What would become of the database: what goes stands first, and stays in sight. */
export function planResult(view: View, diff: Diff, nothing: string): Markup {
  const { t } = view;
  const words = { added: t.wouldAdd, changed: t.wouldChangeRows, removed: t.wouldRemove };
  return html`${lossSummary(view, diff)}${changes(view, diff, words, nothing)}`;
}

function lossSummary({ t, format }: View, { tables, schema, files }: Diff): Markup | undefined {
  const gone = tables.filter(({ removed }) => removed > 0).toSorted((a, b) => b.removed - a.removed);
  const words = [
    ...schema.removed.filter((each) => each.startsWith('table ')),
    ...gone.map(({ table, removed }) => `${format.number(removed)} ${table}`),
    ...(files !== undefined && files.removed > 0 ? [`${format.number(files.removed)} ${t.filesWord}`] : []),
  ];
  const sum = (kind: 'added' | 'changed') => tables.reduce((total, table) => total + table[kind], 0);
  if (words.length === 0 && sum('added') + sum('changed') === 0) return undefined;
  return html`<section class="sight ${words.length > 0 ? 'red' : 'green'}"><p><b>${words.length > 0 ? t.wouldGo(words.join(', ')) : t.nothingGoes}</b></p><p class="marks">${sum('added') > 0 && html`<span><span class="plus">+${format.number(sum('added'))}</span> ${t.wouldAdd}</span>`}${sum('changed') > 0 && html`<span><span class="tilde">~${format.number(sum('changed'))}</span> ${t.wouldChangeRows}</span>`}</p></section>`;
}

function changes(view: View, { tables, schema, files }: Diff, words: Telling, none: string): Markup {
  const { t } = view;
  const definitions = [
    ...schema.added.map(
      (name) => html`<li><span class="plus">+</span> ${name} <span class="soft">${words.added}</span></li>`,
    ),
    ...schema.changed.map(
      (name) => html`<li><span class="tilde">~</span> ${name} <span class="soft">${words.changed}</span></li>`,
    ),
    ...schema.removed.map(
      (name) => html`<li><span class="minus">&minus;</span> ${name} <span class="soft">${words.removed}</span></li>`,
    ),
  ];
  const hasFiles = files !== undefined && files.added + files.changed + files.removed > 0;
  if (tables.length + definitions.length === 0 && !hasFiles) return html`<p class="notice green">${none}</p>`;
  return html`${tables.toSorted(largestLossFirst).map((table) => tableChanges(view, table, words))}
${hasFiles && fileChanges(view, files, words)}
${definitions.length > 0 && html`<section class="card"><h2>${t.schemaChanges}</h2><ul>${definitions}</ul></section>`}`;
}

const largestLossFirst = (a: TableDiff, b: TableDiff) =>
  b.removed - a.removed || b.changed - a.changed || b.added - a.added;

function marks({ format }: View, { added, changed, removed }: Counts, words: Telling): Markup {
  const mark = (count: number, kind: string, sign: string, word: string) =>
    count > 0 && html`<span><span class="${kind}">${sign}${format.number(count)}</span> ${word}</span>`;
  return html`<p class="marks">${mark(removed, 'minus', '−', words.removed)}${mark(added, 'plus', '+', words.added)}${mark(changed, 'tilde', '~', words.changed)}</p>`;
}

interface Counts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

function fileChanges(view: View, files: FilesDiff, words: Telling): Markup {
  const { t } = view;
  const all = files.added + files.changed + files.removed;
  return html`<section class="card"><div class="head"><h2>${t.files}</h2>${marks(view, files, words)}</div><details${all <= 10 && html` open`}><summary>${t.filesCount(all)}</summary><ul>${files.paths.map(({ kind, path }) => html`<li><span class="${SIGNS[kind][0]}">${SIGNS[kind][1]}</span> ${path}</li>`)}</ul></details></section>`;
}

function tableChanges(view: View, { table, added, changed, removed, rows }: TableDiff, words: Telling): Markup {
  const { t } = view;
  const all = added + changed + removed;
  return html`<section class="card"><div class="head"><h2>${table}</h2>${marks(view, { added, changed, removed }, words)}</div>
<details${all <= 10 && html` open`}><summary>${rows.length < all ? t.firstRows(rows.length, all) : t.rowsCount(all)}</summary>${scrolling(
    t.tableScroll(table),
    html`<table class="cells"><thead><tr><th scope="col">${t.keyColumn}</th><th scope="col">${t.before}</th><th scope="col">${t.after}</th></tr></thead><tbody>${rows.map((row) => rowChange(row))}</tbody></table>`,
  )}</details></section>`;
}

const SIGNS = { added: ['plus', '+'], changed: ['tilde', '~'], removed: ['minus', '−'] } as const;

function rowChange({ kind, key, before, after }: RowChange): Markup {
  const [className, sign] = SIGNS[kind];
  const old = before === undefined ? undefined : membersOf(before);
  const now = after === undefined ? undefined : membersOf(after);
  return html`<tr><th scope="row"><span class="${className}">${sign}</span> ${shownKey(key)}</th><td>${side(old, now)}</td><td>${side(now, old)}</td></tr>`;
}

/** One side of a row: what differs from the other side, a value a line; all of it where there is no other side. */
function side(row: ReadonlyMap<string, string> | undefined, other: ReadonlyMap<string, string> | undefined): string {
  if (row === undefined) return '';
  const telling = [...row].filter(([column, value]) => other === undefined || other.get(column) !== value);
  return telling.map(([column, value]) => `${column}: ${brief(value)}`).join('\n');
}

const brief = (raw: string) => {
  const text = shown(raw);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
};
