import { resolve } from 'node:path';
import type { Command } from 'commander';
import { lastInstantOf } from '../../core/as-of.ts';
import { hint, overwinter } from '../../core/hint.ts';
import { leftOutInWords } from '../../core/privacy/left-out.ts';
import { nothingToFake, onlyFor, shareUnclear } from '../../core/problems/fakes.ts';
import { noRepository } from '../../core/problems/git.ts';
import { nameAndMoment, notWithTable, onlyWithTable, whereOfSeveral } from '../../core/problems/usage.ts';
import { withoutSecrets } from '../../core/secrets.ts';
import { hasKnownScheme } from '../../core/target.ts';
import { count, moment } from '../../core/words.ts';
import type { Database, RowsWanted } from '../../engines/engine.ts';
import { realPath } from '../../files/real-path.ts';
import { openRepository } from '../../git/repository.ts';
import type { Restored } from '../../operations/auto-restore.ts';
import { type Made, type Making, secretFor } from '../../operations/development/making.ts';
import { makingFor } from '../../operations/development/remake.ts';
import { type RestoreResult, restore } from '../../operations/restore.ts';
import { type RestoreRowsOptions, restoreRows, tryRestoreRows } from '../../operations/restore-rows.ts';
import { passedOverInWords, restoredInWords } from '../../operations/restored-words.ts';
import { tryRestore } from '../../operations/trial.ts';
import { restoredFilesLine } from '../../project/files-words.ts';
import { otherDatabase } from '../../project/other-database.ts';
import { gitRevisionStore } from '../../stores/git/revision.ts';
import type { ReadableStore } from '../../stores/store.ts';
import { byTable, changesInWords, lossInWords, showChanges, showRows } from '../changes.ts';
import { type Invocation, invoke, type Terminal } from '../command.ts';
import { mustBeMeant } from '../confirm.ts';
import { keepOutOfGit } from '../keep-out-of-git.ts';
import type { Output } from '../output.ts';
import { stoppable } from '../stoppable.ts';
import { withStore } from '../store-option.ts';

export function addRestore(program: Command, terminal: Terminal): void {
  withStore(program.command('restore'))
    .argument('[name]', 'the backup to restore, or the beginning of its name', 'latest')
    .description('put a backup in place of the database, after a snapshot of it')
    .option('--to <target>', 'restore into another, new file, or into a database that is empty')
    .option('--at <rev>', "take the backup from a commit in the repository's history")
    .option('--as-of <time>', 'the newest backup of then or before: a day, a time in UTC, or 2h, 3d for so long ago')
    .option(
      '--table <table>',
      'only rows of this table, those that are missing or changed in it; may be repeated',
      eachOf,
    )
    .option('--where <sql>', 'with --table, only rows of the backup that meet a condition')
    .option('--exact', 'with --table, remove rows that the backup does not have')
    .option('--with-parents', 'with --table, missing rows that those point to come along')
    .option(
      '--for <environment>',
      "make data for development: with fakes for the columns in the configuration's 'fake'",
    )
    .option('--sample <share>', 'with --for, only a share of the rows, as 5%, and what they point to')
    .option('--yes', 'do not ask; a backup that is named is taken even if it is of another database')
    .option('-n, --dry-run', 'say which rows would be added, changed and removed, and change nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter restore --dry-run
  $ overwinter restore
  $ overwinter restore before-migration
  $ overwinter restore --as-of '2026-11-20 23:15'
  $ overwinter restore latest --to inspect.db
  $ overwinter restore latest --at HEAD~3
  $ overwinter restore --table users --where "id = 42" --dry-run
  $ overwinter restore --table orders --table order_items --with-parents
  $ overwinter restore --for development
  $ overwinter restore --for development --sample 5% --to small.db

What --for makes is never saved as a backup. 'overwinter undo' takes a restore back. 'overwinter list --history' shows what --at can bring back.`,
    )
    .action((name: string, options: Options, command: Command) =>
      invoke(
        terminal,
        command,
        (invocation) =>
          stoppable(invocation.output, withoutSecrets(options.to ?? invocation.project.database.label), (watched) =>
            run({ ...invocation, at: { ...invocation.at, ...watched } }, name, options),
          ),
        { backup: name },
      ),
    );
}

interface Options {
  readonly to?: string;
  readonly at?: string;
  readonly asOf?: string;
  readonly table?: readonly string[];
  readonly where?: string;
  readonly exact?: boolean;
  readonly withParents?: boolean;
  readonly for?: string;
  readonly sample?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

async function run(invocation: Invocation, name: string, options: Options): Promise<number> {
  const { project, at, output, terminal } = invocation;
  if (options.asOf !== undefined && name !== 'latest') throw nameAndMoment(name)();
  const beside = options.to === undefined ? undefined : await besideAt(invocation, options.to);
  const asked = {
    name,
    ...(options.asOf === undefined ? {} : { asOf: lastInstantOf(options.asOf, terminal.now()) }),
    ...(options.at === undefined ? {} : { from: await storeAt(options.at, project.store.path, terminal.env) }),
    ...(beside === undefined ? {} : { to: beside.to }),
    ofAnother: options.yes === true,
    onProgress: output.progress,
  };
  const making = makingOf(invocation, options);
  const rows = rowsWanted(options);
  if (rows !== undefined) return runRows(invocation, { ...asked, rows }, options);
  const all = making === undefined ? asked : { ...asked, making };
  if (options.dryRun === true) {
    const tried = await tryRestore(at, all);
    if (tried.made !== undefined) reportMade(tried.made, output);
    return showChanges(tried, output);
  }
  if (options.to === undefined)
    await mustBeMeant(invocation, 'replaces', options.yes, async () => {
      const tried = await tryRestore(at, all);
      return lossInWords(tried.name, tried);
    });
  const result = await restore(at, all);
  report(result, output);
  if (beside?.place !== undefined) await keepOutOfGit(beside.place, terminal, output);
  output.result(result, '');
  return 0;
}

/** Undefined where the backup comes back as it is. Throws USAGE and CONFIG_INVALID. */
function makingOf({ project, terminal }: Invocation, options: Options): Making | undefined {
  const { for: environment, sample } = options;
  if (environment === undefined) {
    if (sample !== undefined) throw onlyFor('--sample')();
    return undefined;
  }
  if (options.table !== undefined) throw notWithTable('--for')();
  const fakes = project.privacy?.fake;
  if (fakes === undefined) throw nothingToFake()();
  return makingFor({
    environment,
    fakes,
    secret: secretFor(project.local, terminal.env.OVERWINTER_FAKES_KEY),
    ...(sample === undefined ? {} : { share: shareOf(sample) }),
  });
}

function shareOf(text: string): number {
  const [, percent] = /^(\d+(?:\.\d+)?) ?%$/.exec(text.trim()) ?? [];
  const share = Number(percent) / 100;
  if (percent === undefined || share <= 0 || share > 1) throw shareUnclear(text)();
  return share;
}

/** A path is another file, and an address another database. */
async function besideAt(
  { terminal, root, settled }: Invocation,
  named: string,
): Promise<{ readonly to: string | Database; readonly place: string | undefined }> {
  if (hasKnownScheme(named)) {
    const { database, place } = await otherDatabase(terminal, root, named, settled);
    return { to: database, place };
  }
  const file = resolve(terminal.cwd, named);
  return { to: file, place: file };
}

const eachOf = (table: string, before: readonly string[] = []): readonly string[] => [...before, table];

/** Undefined where everything comes back. Throws USAGE for options that do not go together. */
function rowsWanted({ table = [], where, exact, withParents, to }: Options): RowsWanted | undefined {
  const [first, ...others] = table;
  if (first === undefined) {
    const [alone] =
      Object.entries({ '--where': where, '--exact': exact, '--with-parents': withParents }).find(
        ([, value]) => value !== undefined,
      ) ?? [];
    if (alone !== undefined) throw onlyWithTable(alone)();
    return undefined;
  }
  if (to !== undefined) throw notWithTable('--to')();
  if (where !== undefined && others.length > 0) throw whereOfSeveral(table.join(', '))();
  return {
    tables: table,
    ...(where === undefined ? {} : { where }),
    exact: exact === true,
    withParents: withParents === true,
  };
}

async function runRows(invocation: Invocation, asked: RestoreRowsOptions, options: Options): Promise<number> {
  const { at, output } = invocation;
  if (options.dryRun === true) return showRows(await tryRestoreRows(at, asked), false, output);
  await mustBeMeant(invocation, 'changes', options.yes, async () => {
    const tried = await tryRestoreRows(at, asked);
    return changesInWords(tried.name, byTable(tried));
  });
  return showRows(await restoreRows(at, asked), true, output);
}

/** The backups as a commit has them. Throws NO_REPOSITORY and REVISION_NOT_FOUND. */
async function storeAt(revision: string, folder: string, env: Terminal['env']): Promise<ReadableStore> {
  const repository = await openRepository(folder, env);
  if (repository === undefined) throw noRepository(folder)();
  return gitRevisionStore(repository, revision, realPath(folder));
}

/** Says what a boot did. */
export function reportBoot(result: Restored, output: Output): void {
  output.say(`Restoring, because ${result.reason}.`);
  for (const sentence of restoredInWords(result)) output.warn(sentence);
  for (const note of result.notes) output.warn(`${note.replace(/\.$/, '')}.`);
  reportDone(result, output);
}

/** Says what a restore did, what it passed over, and how to take it back. */
export function report(result: RestoreResult, output: Output): void {
  for (const sentence of passedOverInWords(result)) output.warn(sentence);
  reportDone(result, output);
  if (result.made !== undefined) {
    reportMade(result.made, output);
    if (result.snapshot !== undefined && result.snapshot.madeFor === undefined)
      output.warn('the snapshot of what was there holds it as it was, private values too; it lies under .overwinter/.');
  }
  const missing = leftOutInWords(result.leftOut);
  if (missing !== undefined && result.made !== undefined) output.say(`Empty, as the backup is without it: ${missing}.`);
  else if (missing !== undefined)
    output.say(
      `The backup is without ${missing}: that stayed as it was for rows that were here, and is empty for others.`,
    );
}

/** What stands there now, what to look at, and what becomes of it. */
function reportMade({ environment, faked, carried, emptied, notes }: Made, output: Output): void {
  const columns = Object.entries(faked).flatMap(([table, names]) => names.map((name) => `${table}.${name}`));
  if (columns.length > 0) output.say(`Fakes stand in ${columns.join(', ')}.`);
  if (carried.length > 0) output.say(`Among them, because keys point there: ${carried.join(', ')}.`);
  if (emptied.length > 0) output.say(`Without rows: ${emptied.join(', ')}.`);
  for (const note of notes) output.warn(`${note}.`);
  output.say(
    `All other columns are as they were. It is marked as made for ${environment}: no backup of it is written.`,
  );
}

function reportDone(result: RestoreResult, output: Output): void {
  for (const warning of result.warnings) output.warn(`${warning}.`);
  output.say(
    `Restored ${count(result.rows, 'row')} from ${result.name} (${moment(result.date)} UTC) into ${result.db}.`,
  );
  const files = restoredFilesLine(result);
  if (files !== undefined) output.say(files);
  if (result.setAside !== undefined) output.say(`What was there could not be read; it is kept as ${result.setAside}.`);
  if (result.snapshot !== undefined)
    output.say(hint`What was there before is kept: ${overwinter('undo')} brings it back.`);
}
