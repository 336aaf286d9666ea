import { hint, overwinter } from '../core/hint.ts';
import { printableLine } from '../core/visible.ts';
import { count, moment, number } from '../core/words.ts';
import type { RowsBrought } from '../engines/engine.ts';
import type { Snapshot } from '../local/snapshots.ts';
import type { Diff } from '../operations/diff.ts';
import type { RestoredRows } from '../operations/restore-rows.ts';
import { passedOverInWords } from '../operations/restored-words.ts';
import type { Trial, tryRestore } from '../operations/trial.ts';
import type { Output } from './output.ts';

interface Changes {
  readonly added: Readonly<Record<string, number>>;
  readonly changed: Readonly<Record<string, number>>;
  readonly removed: Readonly<Record<string, number>>;
}

type Tried = Awaited<ReturnType<typeof tryRestore>>;

/** By table; tables in which nothing would happen are left out. */
function changesOf(tried: Tried): Changes {
  if (tried.kind !== 'diff') return { added: some(Object.entries(tried.rowsOf)), changed: {}, removed: {} };
  return changesIn(tried.diff);
}

function changesIn({ tables }: Diff): Changes {
  const by = (kind: keyof Changes) => some(tables.map((each) => [each.table, each[kind]]));
  return { added: by('added'), changed: by('changed'), removed: by('removed') };
}

const some = (counts: readonly (readonly [string, number])[]) =>
  Object.fromEntries(counts.filter(([, rows]) => rows > 0));
const total = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, rows) => sum + rows, 0);

/** Undefined where there is no row that could go. `name` is of what comes. */
export function lossInWords(name: string, tried: Trial): string | undefined {
  return tried.kind === 'diff' && tried.hasRows ? lossOf(name, tried.diff) : undefined;
}

export function lossOf(name: string, diff: Diff): string {
  const { added, changed, removed } = changesIn(diff);
  const tables = Object.entries(removed).map(([table, rows]) => `${number(rows)} from ${table}`);
  const from = tables.length === 0 ? '' : ` (${tables.join(', ')})`;
  return `with ${name}, ${count(total(removed), 'row')} would go${from}, ${number(total(changed))} would change and ${number(total(added))} would come`;
}

/** What came, or would come, of single tables. */
export function byTable({ added, changed, removed }: RowsBrought): Changes {
  return {
    added: Object.fromEntries(added),
    changed: Object.fromEntries(changed),
    removed: Object.fromEntries(removed),
  };
}

/** Undefined where nothing would change. */
export function changesInWords(name: string, { added, changed, removed }: Changes): string | undefined {
  if (total(added) + total(changed) + total(removed) === 0) return undefined;
  const of = (counts: Readonly<Record<string, number>>, preposition: string) => {
    const tables = Object.entries(counts).map(([table, rows]) => `${number(rows)} ${preposition} ${table}`);
    return tables.length === 0 ? '' : ` (${tables.join(', ')})`;
  };
  return `with ${name}, ${count(total(added), 'row')} would come${of(added, 'into')}, ${number(total(changed))} would change${of(changed, 'in')} and ${number(total(removed))} would go${of(removed, 'from')}`;
}

const sumsOf = ({ added, changed, removed }: Changes) =>
  `${number(total(added))} added, ${number(total(changed))} changed, ${number(total(removed))} removed`;

function tableLines({ added, changed, removed }: Changes, { bold }: Output['paint']): string[] {
  const tables = new Set([added, changed, removed].flatMap((counts) => Object.keys(counts)));
  const rows = (counts: Readonly<Record<string, number>>, table: string) => number(counts[table] ?? 0);
  return [...tables].map(
    (each) => `${bold(printableLine(each))}  +${rows(added, each)} ~${rows(changed, each)} -${rows(removed, each)}`,
  );
}

/** Says what was done to the rows of some tables, or would be. */
export function showRows(
  restored: RestoredRows & { readonly snapshot?: Snapshot | undefined },
  isDone: boolean,
  output: Output,
): number {
  const changes = byTable(restored);
  const { name, date, environment, db, warnings, skipped, snapshot } = restored;
  const lines = tableLines(changes, output.paint);
  for (const sentence of passedOverInWords(restored)) output.warn(sentence);
  for (const warning of warnings) output.warn(`${warning}.`);
  output.result(
    { name, date, environment, db, ...changes, warnings, skipped, ...(isDone ? { snapshot } : {}) },
    lines.join('\n'),
  );
  const from = `${name} (${moment(date)} UTC)`;
  if (lines.length === 0) output.say(`Nothing was done: ${db} has these rows as ${from} has them.`);
  else if (isDone) output.say(`Brought rows back from ${from} into ${db}: ${sumsOf(changes)}.`);
  else output.say(`Bringing rows back from ${from} would change ${db}: ${sumsOf(changes)}. Nothing was done.`);
  if (snapshot !== undefined) output.say(hint`What was there before is kept: ${overwinter('undo')} brings it back.`);
  return 0;
}

/** Says what a restore would do. */
export function showChanges(tried: Tried, output: Output): number {
  const changes = changesOf(tried);
  for (const warning of tried.warnings) output.warn(`${warning}.`);
  const schema = tried.kind === 'diff' ? tried.diff.schema : { added: [], changed: [], removed: [] };
  const lines = [
    ...schema.added.map((each) => output.paint.green(printableLine(`+ ${each}`))),
    ...schema.changed.map((each) => output.paint.yellow(printableLine(`~ ${each}`))),
    ...schema.removed.map((each) => output.paint.red(printableLine(`- ${each}`))),
    ...tableLines(changes, output.paint),
  ];
  const { files } = tried;
  const beside = files === undefined || files.added + files.replaced === 0 ? undefined : files;
  if (beside !== undefined)
    lines.push(`${output.paint.bold('files')}  +${number(beside.added)} ~${number(beside.replaced)} -0`);
  output.result(
    { name: tried.name, db: tried.db, ...changes, schema, ...(files === undefined ? {} : { files }) },
    lines.join('\n'),
  );
  output.say(
    lines.length === 0
      ? `Restoring ${tried.name} would change nothing in ${tried.db}.`
      : `Restoring ${tried.name} would change ${tried.db}: ${sumsOf(changes)}. Nothing was done.`,
  );
  return 0;
}
