import type { Command } from 'commander';
import { folderIn } from '../../commit/where-to-save.ts';
import { git, hint, overwinter } from '../../core/hint.ts';
import type { Metadata } from '../../core/manifest.ts';
import { noBackup } from '../../core/problems/backups.ts';
import { noRepository } from '../../core/problems/git.ts';
import { moment, number, size } from '../../core/words.ts';
import { SEALED_FORMAT } from '../../format/sealed.ts';
import { openRepository } from '../../git/repository.ts';
import { type Entry, readCatalog } from '../../operations/catalog.ts';
import { committedBackups } from '../../stores/git/history.ts';
import { type Invocation, invokeEach, type Terminal } from '../command.ts';
import { table } from '../fit.ts';
import { withStore } from '../store-option.ts';
import { wholeNumber } from './diff.ts';

export function addList(program: Command, terminal: Terminal): void {
  withStore(program.command('list'))
    .alias('ls')
    .description('show the backups, newest first')
    .option('-n, --limit <n>', 'the newest n alone', wholeNumber)
    .option('--history', 'every backup that was ever committed, on any branch, also those removed since')
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter list
  $ overwinter ls -n 5
  $ overwinter list --json
  $ overwinter list --history

What the history has is restored with 'overwinter restore NAME --at COMMIT'.`,
    )
    .action((options: Options, command: Command) =>
      invokeEach(terminal, command, (invocation) => (options.history ? listHistory : list)(invocation, options), {
        backupsAlone: true,
      }),
    );
}

interface Options {
  readonly history?: boolean;
  readonly limit?: number;
}

async function list({ at: project, output }: Invocation, { limit }: Options): Promise<number> {
  const { entries, conflicts, unreadable } = await readCatalog(project.store);
  for (const { name, reason } of unreadable) output.warn(`${name} cannot be read: ${reason}`);
  if (entries.length + conflicts.length === 0 && unreadable.length === 0 && !output.json)
    throw noBackup(project.store.label)();
  const shown = entries.slice(0, limit);
  const all = [...shown, ...conflicts];
  const hasFiles = all.some(({ metadata }) => metadata.files !== undefined);
  const row = ({ name, metadata }: Entry) => {
    const { format, backup_date, origin, rows, bytes, files, file_bytes = 0 } = metadata;
    const head = [name, moment(backup_date), whence(format, origin), number(rows)];
    const beside = hasFiles ? [files === undefined ? '' : number(files)] : [];
    return [...head, ...beside, size(bytes + file_bytes)];
  };
  const headings = ['NAME', 'SAVED (UTC)', 'ORIGIN', 'ROWS', ...(hasFiles ? ['FILES'] : []), 'SIZE'];
  const documents = (among: readonly Entry[]) => among.map(({ name, metadata }) => ({ name, ...metadata }));
  for (const { name } of conflicts)
    output.warn(
      hint`${name} is kept aside: it was refused where it was brought to. See what differs with ${overwinter('diff', 'latest', name)}.`,
    );
  output.result(
    { backups: documents(shown), conflicts: documents(conflicts), unreadable },
    table(headings, all.map(row), [3, 4, 5], output.width),
  );
  return 0;
}

const whence = (format: number, { environment, trigger }: Metadata['origin']) =>
  `${environment}, ${trigger}${format === SEALED_FORMAT ? ', encrypted' : ''}`;

/** Throws NO_REPOSITORY and NO_BACKUP. */
async function listHistory({ project, output, terminal }: Invocation, { limit }: Options): Promise<number> {
  const folder = project.store.path;
  const repository = await openRepository(folder, terminal.env);
  const inside = repository && (await folderIn(repository, { backups: folder, env: terminal.env }));
  if (repository === undefined || inside === undefined) throw noRepository(folder)();
  const { backups, unreadable, shallow } = await committedBackups(repository, inside);
  if (shallow)
    output.warn(
      hint`This clone is shallow, so older backups are not shown: ${git('fetch', '--unshallow')} brings them.`,
    );
  for (const { name, commit } of unreadable) output.warn(`${name} as commit ${short(commit)} has it cannot be read.`);
  if (backups.length === 0 && unreadable.length === 0 && !output.json) throw noBackup(`the history of ${folder}`)();
  const present = await project.store.list('top');
  const listed = backups.slice(0, limit).map(({ name, commit, metadata }) => ({
    name,
    commit,
    inFolder: present.has(`${name}.json`),
    ...metadata,
  }));
  const rows = listed.map(({ name, format, backup_date, origin, rows, bytes, commit, inFolder }) => [
    name,
    moment(backup_date),
    whence(format, origin),
    number(rows),
    size(bytes),
    short(commit),
    inFolder ? 'yes' : 'removed',
  ]);
  output.result(
    { backups: listed, unreadable, shallow },
    table(['NAME', 'SAVED (UTC)', 'ORIGIN', 'ROWS', 'SIZE', 'COMMIT', 'IN FOLDER'], rows, [3, 4], output.width),
  );
  return 0;
}

const short = (commit: string) => commit.slice(0, 10);
