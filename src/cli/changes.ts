import { printableLine } from '../core/visible.ts';
import { count, number } from '../core/words.ts';
import type { Diff } from '../operations/diff.ts';
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

/** Says what a restore would do. */
export function showChanges(tried: Tried, output: Output): number {
  const changes = changesOf(tried);
  for (const warning of tried.warnings) output.warn(`${warning}.`);
  const schema = tried.kind === 'diff' ? tried.diff.schema : { added: [], changed: [], removed: [] };
  const tables = new Set(Object.values(changes).flatMap((counts) => Object.keys(counts)));
  const rowsIn = (kind: keyof Changes, table: string) => number(changes[kind][table] ?? 0);
  const lines = [
    ...schema.added.map((each) => output.paint.green(printableLine(`+ ${each}`))),
    ...schema.changed.map((each) => output.paint.yellow(printableLine(`~ ${each}`))),
    ...schema.removed.map((each) => output.paint.red(printableLine(`- ${each}`))),
    ...[...tables].map(
      (each) =>
        `${output.paint.bold(printableLine(each))}  +${rowsIn('added', each)} ~${rowsIn('changed', each)} -${rowsIn('removed', each)}`,
    ),
  ];
  const sums = `${number(total(changes.added))} added, ${number(total(changes.changed))} changed, ${number(total(changes.removed))} removed`;
  output.result({ name: tried.name, db: tried.db, ...changes, schema }, lines.join('\n'));
  output.say(
    lines.length === 0
      ? `Restoring ${tried.name} would change nothing in ${tried.db}.`
      : `Restoring ${tried.name} would change ${tried.db}: ${sums}. Nothing was done.`,
  );
  return 0;
}
