import { type Command, InvalidArgumentError } from 'commander';
import { printableLine } from '../../core/visible.ts';
import { number } from '../../core/words.ts';
import type { TableDiff } from '../../operations/compare-table.ts';
import type { Diff } from '../../operations/diff.ts';
import { diffInMarkdown } from '../../operations/diff-markdown.ts';
import { diffRevisions } from '../../operations/diff-revisions.ts';
import { invokeEach, type Terminal } from '../command.ts';
import { shortened } from '../fit.ts';
import type { Output } from '../output.ts';
import { withStore } from '../store-option.ts';

export function addDiff(program: Command, terminal: Terminal): void {
  withStore(program.command('diff'))
    .argument('[a]', 'a backup, the beginning of its name, or a commit; without one the newest')
    .argument('[b]', 'another; without one the database as it is now')
    .description('show the rows added, changed and removed')
    .option('--rows <n>', 'how many rows of each table to show', wholeNumber, 5)
    .option('--markdown', 'as Markdown, for a pull request')
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter diff
  $ overwinter diff before-migration
  $ overwinter diff before-migration latest --rows 50
  $ overwinter diff HEAD~1 HEAD
  $ overwinter diff main...HEAD --markdown

A commit stands for the newest backup that it has. 'overwinter log TABLE' shows more than two.`,
    )
    .action((a: string | undefined, b: string | undefined, options: Options, command: Command) =>
      invokeEach(
        terminal,
        command,
        async ({ at: project, output }) => {
          const found = await diffRevisions(project, a, b, options.rows, output.progress);
          if (options.markdown) output.result(found, diffInMarkdown(found), 'as it is');
          else output.result(found, describe(found, output));
          if (isSame(found) && !options.markdown) output.say(`No difference between ${found.from} and ${found.to}.`);
          return 0;
        },
        { ...(isOfGit(a) ? {} : { backup: a }), backupsAlone: b !== undefined || a?.includes('..') === true },
      ),
    );
}

interface Options {
  readonly rows: number;
  readonly markdown?: boolean;
}

/** A commit is one of all the databases of a project, and a backup of one. */
const isOfGit = (word: string | undefined) => word !== undefined && /[~^:@/{}]|\.\.|^HEAD$/.test(word);

export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
}

function isSame({ tables, schema, files }: Diff): boolean {
  const beside = files === undefined ? 0 : files.added + files.changed + files.removed;
  return tables.length + schema.added.length + schema.changed.length + schema.removed.length + beside === 0;
}

function describe(found: Diff, output: Output): string {
  const { paint } = output;
  if (isSame(found)) return '';
  const { added, changed, removed } = found.schema;
  return [
    `from ${found.from} to ${found.to}`,
    ...added.map((each) => paint.green(printableLine(`+ ${each}`))),
    ...changed.map((each) => paint.yellow(printableLine(`~ ${each}`))),
    ...removed.map((each) => paint.red(printableLine(`- ${each}`))),
    ...found.tables.flatMap((table) => describeTable(table, output)),
    ...describeFiles(found.files, paint),
  ].join('\n');
}

function describeTable({ table, added, changed, removed, rows }: TableDiff, { paint, width }: Output): string[] {
  const lines = [`${paint.bold(printableLine(table))}  +${number(added)} ~${number(changed)} -${number(removed)}`];
  for (const row of rows) {
    if (row.before !== undefined) lines.push(paint.red(shortened(`  - ${row.before}`, Math.min(LINE, width))));
    if (row.after !== undefined) lines.push(paint.green(shortened(`  + ${row.after}`, Math.min(LINE, width))));
  }
  const hidden = added + changed + removed - rows.length;
  if (hidden > 0) lines.push(paint.dim(`  … ${number(hidden)} more; --rows shows them`));
  return lines;
}

function describeFiles(files: Diff['files'], paint: Output['paint']): string[] {
  const { added = 0, changed = 0, removed = 0, paths = [] } = files ?? {};
  const all = added + changed + removed;
  if (all === 0) return [];
  const lines = paths.map(({ kind, path }) => {
    const text = printableLine(`  ${{ added: '+', changed: '~', removed: '-' }[kind]} ${path}`);
    return { added: paint.green, changed: paint.yellow, removed: paint.red }[kind](text);
  });
  const hidden = all - paths.length;
  const more = hidden > 0 ? [paint.dim(`  … ${number(hidden)} more; --rows shows them`)] : [];
  return [`${paint.bold('files')}  +${number(added)} ~${number(changed)} -${number(removed)}`, ...lines, ...more];
}

const LINE = 160;
