import { join } from 'node:path';
import type { Command } from 'commander';
import { isMonitor } from '../../core/alarms/address.ts';
import { manifestFile, POINTER_FILE } from '../../core/names.ts';
import { count, size } from '../../core/words.ts';
import { type Remembered, remember, toRemember } from '../../local/unchanged.ts';
import type { Alarms } from '../../notify/alarms.ts';
import { told } from '../../notify/open-alarms.ts';
import { type BackupResult, backup } from '../../operations/backup.ts';
import type { AllowShrink } from '../../operations/guard.ts';
import { passedOverInWords } from '../../operations/passed-over.ts';
import { atCommit } from '../../project/at-commit.ts';
import { settingsFiles } from '../../project/config-file.ts';
import { fileNotes, filesLine } from '../../project/files-words.ts';
import { noteOnHost } from '../../project/note-on-host.ts';
import { leftOutLine, privacyNotes } from '../../project/privacy-words.ts';
import { serverToRemember } from '../../project/server-to-remember.ts';
import { untilToldAgain, withAlarms } from '../alarms.ts';
import { ALLOW_SHRINK, allowShrink } from '../allow-shrink.ts';
import { type Invocation, invokeEach, type Terminal, textOfEach } from '../command.ts';

export function addBackup(program: Command, terminal: Terminal): void {
  program
    .command('backup')
    .argument('[name]', 'a name of your own; without one the time and the content make it')
    .description('write a backup if anything changed')
    .option(
      ALLOW_SHRINK,
      'write it even where this table lost rows (may be given again); without a table, whatever was lost, or a restore had failed',
      allowShrink,
    )
    .option('--even-fakes', 'write it although the database was made for development: it is the data from now on')
    .option('-n, --dry-run', 'say what would be written, and write nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter backup
  $ overwinter backup before-migration
  $ overwinter backup --allow-shrink orders
  $ overwinter backup --db data/app.db --json`,
    )
    .action(async (name: string | undefined, options: Options, command: Command) => {
      const again: Again[] = [];
      const isHeard = await withAlarms(terminal, (alarms) =>
        invokeEach(terminal, command, async (invocation) => {
          const told = options.dryRun ? undefined : await alarms(invocation);
          return run(invocation, { name, options, alarms: told }, again);
        }),
      );
      if (isHeard) rememberAll(again);
    });
}

interface Options {
  readonly allowShrink?: AllowShrink;
  readonly evenFakes?: boolean;
  readonly dryRun?: boolean;
}

/** What the same call would say of a database where nothing changed. */
interface Again extends Remembered {
  readonly invocation: Invocation;
  readonly result: BackupResult;
  readonly words: string;
}

interface Asked {
  readonly name: string | undefined;
  readonly options: Options;
  readonly alarms: Alarms | undefined;
}

async function run(invocation: Invocation, { name, options, alarms }: Asked, again: Again[]): Promise<number> {
  const { project, root, output, terminal, settled } = invocation;
  const dryRun = options.dryRun === true;
  // Taken before the database is read: whatever is written meanwhile makes the next run look again.
  const state = toRemember(project);
  const save = () =>
    backup(
      { ...atCommit(project, terminal.env), onFiles: state.onFiles },
      {
        trigger: 'command-line',
        ...(name === undefined ? {} : { name }),
        allowShrink: options.allowShrink ?? false,
        evenFakes: options.evenFakes === true,
        dryRun,
        onProgress: output.progress,
      },
    );
  const result = await told(alarms, { project, root, subject: 'backup' }, save, ({ status }) => status === 'created');
  const note = dryRun ? undefined : noteOnHost(project);
  if (note !== undefined) output.warn(note);
  const left = leftOutLine(result);
  const none = result.rows === 0 ? nothingSaved(project.database.label) : undefined;
  const words = (said: string) => [said, left, none].filter((each) => each !== undefined).join('\n');
  output.say(words(sentence(result, dryRun)));
  for (const each of [...privacyNotes(result, project.privacy), ...fileNotes(result)]) output.warn(each);
  const passed = result.passedOver && (await passedOverInWords(project, result.passedOver, result.name));
  if (passed !== undefined) output.warn(passed);
  if (result.holdLifted) output.say('Backups of it are written again.');
  if (result.markStays)
    output.warn(
      `${project.database.label} still says in its comment that it was made for development: only its owner may change that, and other checkouts write no backup of it until then.`,
    );
  output.result(result, result.name);
  // A monitor is to hear of each, also where nothing changed.
  if (name === undefined && !dryRun && !settled.notify.some(isMonitor)) {
    const {
      holdLifted: _,
      markStays: __,
      suspects: ___,
      suspectDefinitions: ____,
      stillInOlder: _____,
      passedOver: ______,
      ...same
    } = result;
    const unchanged: BackupResult = { ...same, status: 'unchanged', bytesWritten: 0 };
    const server = serverToRemember({ ...invocation, backup: result.name }, terminal);
    again.push({ ...state, server, invocation, result: unchanged, words: words(sentence(unchanged, false)) });
  }
  return 0;
}

/** So that the same call answers without a look at the databases, as long as none of them changes. */
function rememberAll(again: readonly Again[]): void {
  const [first] = again;
  if (first === undefined || again.length < first.invocation.siblings) return;
  const { terminal, root, configFile, which } = first.invocation;
  // The folder itself changes when a backup comes from elsewhere, and the parts' when one goes; what they hold is for 'verify'.
  const watched = () => [
    ...again.flatMap(({ invocation: { project }, result }) =>
      ['', ...FOLDERS_OF_PARTS, manifestFile(result.name), POINTER_FILE].map((file) => join(project.store.path, file)),
    ),
    ...settingsFiles(root, configFile),
  ];
  remember(terminal, again, watched, { ...wordsOfEach(again), ...untilToldAgain(first.invocation) }, which.variables);
}

function wordsOfEach(again: readonly Again[]): { readonly stdout: string; readonly stderr: string } {
  const said = again.map(({ invocation, result, words }) => ({
    ...invocation,
    document: result,
    text: result.name,
    words,
  }));
  return textOfEach(said);
}

const FOLDERS_OF_PARTS = ['parts', 'parts/files', 'parts/sealed'];

/** Where there was a backup with rows the guard refuses this; without one nobody knows what was there. */
const nothingSaved = (db: string): string =>
  `There is no row in ${db}, and so none in the backup: see that it is the right database, and whole.`;

function sentence(result: BackupResult, dryRun: boolean): string {
  const holds = `${count(result.rows, 'row')} in ${count(result.tables, 'table')}${filesLine(result)}`;
  if (result.status === 'unchanged') return `Nothing changed since the last backup: ${holds}.`;
  const written = size(result.bytesWritten);
  return dryRun ? `Would save ${holds} and write ${written}.` : `Saved ${holds}; ${written} written.`;
}
