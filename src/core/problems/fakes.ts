/** Data that was made for development, and what must not become of it. */
import { CONFIG, hint, overwinter, program, setting } from '../hint.ts';
import { problem } from './problem.ts';

export const fakeUnknown = problem(
  'CONFIG_INVALID',
  (name: string, what: string, meant: string | undefined) =>
    `The configuration's 'fake' names '${name}', which is no ${what} in the backup${meant === undefined ? '.' : `; did you mean '${meant}'?`}`,
  () => hint`Edit 'fake' in ${CONFIG}; ${overwinter('diff')} shows what the newest backup has.`,
);

export const cannotFake = problem(
  'CONFIG_INVALID',
  (reasons: readonly string[]) => `No data can be made for development: ${reasons.join('; ')}.`,
  () => hint`Edit 'fake' in ${CONFIG}: each column has a kind, null, or 'keep', and each table columns, or 'empty'.`,
);

export const copiesLeft = problem(
  'CONFIG_INVALID',
  (columns: readonly string[], _lines: string) => `Values that are to go stand elsewhere, too: ${columns.join('; ')}.`,
  (_columns, lines) => hint`Put into ${CONFIG} ${lines}, or another kind; 'keep' leaves a column as it is.`,
);

export const nothingToFake = problem(
  'USAGE',
  () => "The configuration's 'fake' names no column: everything would stay as it is in the backup.",
  () =>
    hint`Name them in ${CONFIG}, as in ${setting({ fake: { users: { email: 'email', name: 'name' } } })}. ${overwinter('restore')} brings everything as it is.`,
);

export const notThisEnvironment = problem(
  'USAGE',
  (name: string, environment: string) => `This machine is '${environment}', and the data would be made for '${name}'.`,
  (name) =>
    hint`If it is ${name}, say so in OVERWINTER_ENVIRONMENT; anywhere, ${overwinter('restore', '--for', name, '--to', 'new.db')} makes one beside the database.`,
);

export const madeHere = problem(
  'ANOTHER_DATABASE',
  (backup: string, environment: string) =>
    `${backup} was made in '${environment}' itself: fakes would stand where its data is.`,
  (_backup, environment) =>
    hint`Name a backup of another environment (${overwinter('list')} shows them), or make one beside the database: ${overwinter('restore', 'latest', '--for', environment, '--to', 'new.db')}.`,
);

export const noBackupOfOthers = problem(
  'NO_BACKUP',
  (environment: string, store: string) =>
    `There is no backup of another environment than '${environment}' in ${store}.`,
  (environment) =>
    hint`Of its own data, ${overwinter('restore', 'latest', '--for', environment, '--to', 'new.db')} makes one beside the database.`,
);

export const mayBeTheirs = problem(
  'DATABASE_EXISTS',
  (db: string) =>
    `${db} is on another machine and holds rows that were not made for development: it may be where the backups come from.`,
  () =>
    hint`Name an empty database, or one on this machine: ${overwinter('restore', '--for', 'development', '--db', 'postgres://localhost/app_dev')}.`,
);

export const shareUnclear = problem(
  'USAGE',
  (text: string) => `'${text}' is no share of the rows.`,
  () => hint`Write it like 5% or 0.5%: ${overwinter('restore', '--for', 'development', '--sample', '5%')}.`,
);

export const onlyFor = problem(
  'USAGE',
  (option: string) => `${option} is about data for development, and nothing says that it is to be made.`,
  () => hint`Say for what: ${overwinter('restore', '--for', 'development', '--sample', '5%')}.`,
);

export const secretTooShort = problem(
  'CONFIG_INVALID',
  () => 'OVERWINTER_FAKES_KEY is shorter than 16 characters: whoever tries them all could tell what fakes stand for.',
  () =>
    hint`Make a random one, the same for the whole team, as with ${program('openssl', 'rand', '-hex', '16')}; without it, each machine has its own.`,
);

export const ruleBroken = problem(
  'CONFIG_INVALID',
  (what: string) => `The fakes break a rule of the database: ${what}.`,
  () => hint`Choose another kind for the column in ${CONFIG}, null, or 'keep'. The database stays as it was.`,
);

export const madeForDevelopment = problem(
  'HELD',
  (db: string, environment: string, backup: string, _named: readonly string[]) =>
    `No backup of ${db} was written, because it was made for ${environment} from ${backup}: it holds fakes, or a part of the rows.`,
  (_db, _environment, _backup, named) =>
    hint`${overwinter('restore', 'latest', ...named)} brings the data itself. If this is to be the data from now on: ${overwinter('backup', '--even-fakes', ...named)}.`,
);

export const looksMadeUp = problem(
  'HELD',
  (db: string, columns: string, _named: readonly string[]) =>
    `No backup of ${db} was written, because what stands in ${columns} looks made up for development.`,
  (_db, _columns, named) =>
    hint`${overwinter('restore', 'latest', ...named)} brings the data itself. If this is the data: ${overwinter('backup', '--even-fakes', ...named)}.`,
);
