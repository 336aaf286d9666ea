import type { Command } from 'commander';
import { EXIT_CODES } from '../../core/errors.ts';
import { count } from '../../core/words.ts';
import { copyAcross } from '../../operations/across/copy-across.ts';
import type { ColumnReport, CopyReport } from '../../operations/across/report.ts';
import { otherDatabase } from '../../project/other-database.ts';
import { type Invocation, invoke, type Terminal } from '../command.ts';
import { keepOutOfGit } from '../keep-out-of-git.ts';
import type { Output } from '../output.ts';

interface Options {
  readonly to: string;
  readonly backup?: string;
  readonly dryRun?: boolean;
}

export function addCopy(program: Command, terminal: Terminal): void {
  program
    .command('copy')
    .requiredOption('--to <target>', 'an empty database of another kind: a path, a URL or env:NAME')
    .description('copy the database into an empty one of another kind: SQLite to PostgreSQL, and back')
    .option('--backup <name>', 'copy this backup, and not the database as it is now')
    .option('-n, --dry-run', 'say what would become of each column and what would be left behind, and write nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter copy --to env:NEW_DATABASE_URL --dry-run
  $ overwinter copy --to env:NEW_DATABASE_URL
  $ overwinter copy --to pglite:data/pg
  $ overwinter copy --db pglite:data/pg --to data/app.db

Every value is read again from the copy and held against the one it came from, before anybody sees it. The database
that is copied stays as it is.`,
    )
    .action((options: Options, command: Command) =>
      invoke(terminal, command, (invocation) => run(invocation, options), { backup: options.backup }),
    );
}

async function run(invocation: Invocation, { to, backup, dryRun = false }: Options): Promise<number> {
  const { project, output, root, settled, terminal } = invocation;
  const { database, place } = await otherDatabase(terminal, root, to, settled);
  const onReport = (report: CopyReport) => {
    if (!dryRun) output.say(textOf(report, output));
  };
  const result = await copyAcross(project, {
    to: database,
    dryRun,
    onProgress: output.progress,
    onReport,
    ...(backup === undefined ? {} : { backup }),
  });
  for (const warning of result.warnings) output.warn(`${warning}.`);
  const rows = count(result.rows, 'row');
  if (!dryRun) {
    output.say(
      `Copied ${rows} from ${result.from} to ${result.to}. Every value was read there again, and is the same.`,
    );
    if (place !== undefined) await keepOutOfGit(place, terminal, output);
    output.result(result, '');
    return 0;
  }
  output.result(result, textOf(result, output));
  if (result.refused === 0) output.say(`Nothing was written. ${rows} would be copied.`);
  else output.say('Nothing was written, and nothing would be, as long as these values are there.');
  return result.refused === 0 ? 0 : EXIT_CODES.COPY_REFUSED;
}

/** What becomes of everything. */
function textOf({ tables, lost }: CopyReport, { paint }: Output): string {
  const lines = tables.flatMap(({ name, rows, columns }) => {
    const width = Math.max(...columns.map((column) => column.name.length), 0);
    return [
      `${paint.bold(name)}  ${count(rows, 'row')}`,
      ...columns.flatMap((column) => linesOf(column, width)).map((line) => `  ${line}`),
    ];
  });
  if (lost.length > 0) lines.push(paint.bold('Left behind, or not as it was'));
  return [...lines, ...lost.map(({ what, name, why }) => `  ${what} ${name}: ${why}`)].join('\n');
}

function linesOf({ name, declared, type, because }: ColumnReport, width: number): string[] {
  const inWords = (said: string) => (said === '' ? 'no type' : said);
  const to = type === undefined ? 'nothing holds all of its values' : inWords(type);
  const line = `${name.padEnd(width)}  ${inWords(declared)} → ${to}`;
  if (because === undefined) return [line];
  const more = because.count - because.first.length;
  return [
    line,
    `  ${count(because.count, 'value is', 'values are')} no ${because.type}:`,
    ...because.first.map(({ row, value }) => `    ${row}: ${value}`),
    ...(more > 0 ? [`    and ${count(more, 'more value')}`] : []),
  ];
}
