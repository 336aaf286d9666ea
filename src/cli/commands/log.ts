import type { Command } from 'commander';
import { folderIn } from '../../commit/where-to-save.ts';
import { git, hint } from '../../core/hint.ts';
import { noBackup } from '../../core/problems/backups.ts';
import { columnsChanged, rowAsValue } from '../../core/row-key.ts';
import { printableLine } from '../../core/visible.ts';
import { count, moment, number } from '../../core/words.ts';
import { type Authored, authorsOf } from '../../git/authors.ts';
import { openRepository } from '../../git/repository.ts';
import { type Log, type RowEvent, rowLog } from '../../operations/log/row-log.ts';
import { type TableEvent, tableLog } from '../../operations/log/table-log.ts';
import type { Version } from '../../operations/log/timeline.ts';
import type { InRepository } from '../../stores/git/committed-store.ts';
import { type Invocation, invoke, type Terminal } from '../command.ts';
import { shortened } from '../fit.ts';
import type { Output } from '../output.ts';
import { withStore } from '../store-option.ts';
import { wholeNumber } from './diff.ts';

export function addLog(program: Command, terminal: Terminal): void {
  withStore(program.command('log'))
    .argument('<table>', 'a table')
    .argument('[key...]', "a row's key, a word for each of its columns; without it the whole table's history")
    .description("show who changed a row or a table and when, through all backups and the repository's history")
    .option('-n, --limit <n>', 'the newest n changes alone', wholeNumber)
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter log users
  $ overwinter log users 42
  $ overwinter log memberships 42 admins
  $ overwinter log users 42 --json

'overwinter restore NAME --table users --where "id = 42"' brings a row back; with --at COMMIT from a backup that only the history has.`,
    )
    .action((table: string, key: string[], options: Options, command: Command) =>
      invoke(terminal, command, (invocation) => run(invocation, table, key, options), { backupsAlone: true }),
    );
}

interface Options {
  readonly limit?: number;
  readonly store?: string;
}

async function run(
  invocation: Invocation,
  table: string,
  key: readonly string[],
  { limit = Number.POSITIVE_INFINITY, store }: Options,
): Promise<number> {
  const { at: project, output } = invocation;
  const place = store === undefined ? await placeOf(invocation) : undefined;
  if (key.length === 0) {
    const log = await tableLog(project, place, table, limit);
    const by = await told(log, place, project.store.label, output);
    output.result(
      log.events.map((event) => ({ ...whichBackup(event.version, by), ...changesOf(event) })),
      log.events.map((event) => tableText(event, by, output)).join('\n'),
    );
    if (log.events.length === 0) output.say(`Nothing changed in ${table} in ${count(log.backups, 'backup')}.`);
    return 0;
  }
  const log = await rowLog(project, place, table, key, limit);
  const by = await told(log, place, project.store.label, output);
  output.result(
    log.events.map((event) => ({
      ...whichBackup(event.version, by),
      change: event.change,
      before: event.before === undefined ? null : rowAsValue(event.before),
      after: event.after === undefined ? null : rowAsValue(event.after),
    })),
    log.events.map((event) => rowText(event, by, output)).join('\n'),
  );
  if (log.events.length === 0)
    output.say(`No row of ${table} has the key ${key.join(' ')} in ${count(log.backups, 'backup')}.`);
  return 0;
}

type Authors = ReadonlyMap<string, Authored>;

/** Undefined where the folder of backups is in no repository: then it is all there is. */
async function placeOf({ project, terminal }: Invocation): Promise<InRepository | undefined> {
  const folder = project.store.path;
  const repository = await openRepository(folder, terminal.env);
  const inside = repository && (await folderIn(repository, { backups: folder, env: terminal.env }));
  return repository === undefined || inside === undefined ? undefined : { repository, folder, inside };
}

/** Says what the answer is without, and asks git who brought what it shows. Throws NO_BACKUP. */
async function told(
  { events, backups, skipped, shallow }: Log<{ readonly version: Version }>,
  place: InRepository | undefined,
  where: string,
  output: Output,
): Promise<Authors> {
  for (const { name, reason } of skipped) output.warn(`${name} was passed over: ${reason}`);
  if (shallow)
    output.warn(
      hint`This clone is shallow, so older backups are not looked into: ${git('fetch', '--unshallow')} brings them.`,
    );
  if (backups === 0) throw noBackup(where)();
  const commits = events.flatMap(({ version }) => version.commit ?? []);
  return place === undefined ? new Map() : authorsOf(place.repository, commits);
}

const whichBackup = ({ name, metadata, commit }: Version, by: Authors) => ({
  backup: name,
  date: metadata.backup_date,
  commit: commit ?? null,
  author: by.get(commit ?? '')?.author ?? null,
  environment: metadata.origin.environment,
});

const changesOf = ({ added, changed, removed, definition, columns }: TableEvent) => ({
  added,
  changed,
  removed,
  definition: definition ?? null,
  columns,
});

/** `2026-11-20 23:15  …  production, backup_…` and, where a commit brought it, `1a2b3c4d5e Ada: Fix prices`. */
function heading(what: string, { name, metadata, commit }: Version, by: Authors, { paint }: Output): string {
  const brought = commit === undefined ? [] : [[commit.slice(0, 10), titleOf(by.get(commit))].join(' ').trim()];
  const where = [`${metadata.origin.environment}, ${name}`, ...brought].map(printableLine);
  return [paint.bold(moment(metadata.backup_date)), what, ...where.map((each) => paint.dim(each))].join('  ');
}

const titleOf = (authored: Authored | undefined) =>
  authored === undefined ? '' : `${authored.author}: ${authored.title}`;

function tableText({ version, added, changed, removed, definition, columns }: TableEvent, by: Authors, output: Output) {
  const { paint } = output;
  const counts = `+${number(added)} ~${number(changed)} -${number(removed)}`;
  return [
    heading(counts, version, by, output),
    ...(definition === undefined ? [] : [paint.yellow(`  table ${definition}`)]),
    ...columns.added.map((column) => paint.green(`  + column ${printableLine(column)}`)),
    ...columns.removed.map((column) => paint.red(`  - column ${printableLine(column)}`)),
  ].join('\n');
}

function rowText({ version, change, before, after }: RowEvent, by: Authors, output: Output): string {
  const { paint } = output;
  const head = heading(change.padEnd('changed'.length), version, by, output);
  const most = Math.min(LINE, output.width);
  const line = (text: string) => shortened(text, most);
  if (before === undefined) return `${head}\n${paint.green(line(`  + ${after ?? ''}`))}`;
  if (after === undefined) return `${head}\n${paint.red(line(`  - ${before}`))}`;
  const lines = columnsChanged(before, after).map(({ column, before: was, after: is }) => {
    const name = printableLine(column);
    if (was === undefined) return paint.green(line(`  + ${name} ${is ?? ''}`));
    if (is === undefined) return paint.red(line(`  - ${name} ${was}`));
    const half = Math.max(1, Math.floor((most - name.length - '  ~   → '.length) / 2));
    return paint.yellow(line(`  ~ ${name} ${shortened(was, half)} → ${shortened(is, half)}`));
  });
  return [head, ...lines].join('\n');
}

const LINE = 160;
