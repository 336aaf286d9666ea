/** What was called cannot be done, or needs another word. */
import { type Command, type Hint, hint, inTurn, overwinter, program } from '../hint.ts';
import { nearest } from '../nearest.ts';
import { problem } from './problem.ts';

export const usage = problem(
  'USAGE',
  (sentence: string, _next: Hint) => sentence,
  (_sentence, next) => next,
);

export const nameInvalid = problem(
  'NAME_INVALID',
  (name: string) => `'${name}' cannot be the name of a backup.`,
  () => hint`Use letters, digits, '.', '_' and '-', as in ${overwinter('backup', 'before-migration')}.`,
);

export const nameAmbiguous = problem(
  'USAGE',
  (beginning: string, names: readonly string[]) =>
    `'${beginning}' begins the names of ${names.length} backups: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}.`,
  () => hint`Write more of the name; ${overwinter('list')} shows when each was saved.`,
);

export const noDatabaseGiven = problem(
  'USAGE',
  () => 'No database was named, and none was found here.',
  () => hint`Say where it is, or will be: ${overwinter('init', '--db', 'data/app.db')}.`,
);

export const addressUnsaid = problem(
  'USAGE',
  (name: string) => `The backups here are of ${name}, and nothing says where that database is.`,
  () =>
    hint`Set DATABASE_URL in the environment or in .env, or name it with --db; ${overwinter('list')} shows the backups.`,
);

export const severalDatabases = problem(
  'USAGE',
  (files: string, _first: string) => `More than one database is here: ${files}.`,
  (_files, first) =>
    hint`Name the one to use, as in ${overwinter('status', '--db', first)}; ${overwinter('init')} keeps them all.`,
);

export const keptBelow = problem(
  'USAGE',
  (folders: string, _first: string, _start: string) =>
    `The databases here belong to projects of their own, in ${folders}.`,
  (_folders, first, start) =>
    hint`Go there: ${inTurn(program('cd', first), { calls: [{ own: 'status', args: [], start }] })}. If this folder is to have one as well: ${overwinter('init', '--db', 'data/app.db')}.`,
);

export const keptAboveAlready = problem(
  'USAGE',
  (file: string, above: string, _start: string) => `The project in ${above} keeps ${file} already.`,
  (_file, above, start) =>
    hint`Go there: ${inTurn(program('cd', above), { calls: [{ own: 'status', args: [], start }] })}. If this folder is to keep it instead, take it out of the configuration there first.`,
);

export const severalToChoose = problem(
  'USAGE',
  (names: string, _asked: Command | undefined) => `This is about one database, and the project has several: ${names}.`,
  (_names, asked) =>
    asked === undefined ? hint`Say which: '--db NAME' with one of these names.` : hint`Say which, as in ${asked}.`,
);

export const initNeedsDatabase = problem(
  'USAGE',
  (sentence: string) => sentence,
  () => hint`Name the file, whether it exists yet or not: ${overwinter('init', '--db', 'data/app.db')}.`,
);

export const tableUnknown = problem(
  'USAGE',
  (table: string, _there: readonly string[]) => `There is no table '${table}'.`,
  (table, there) => {
    const meant = nearest(table, there);
    const tables = there.length === 0 ? hint`There is none.` : hint`The tables are: ${there.join(', ')}.`;
    return meant === undefined ? tables : hint`Did you mean '${meant}'? ${tables}`;
  },
);

export const momentUnclear = problem(
  'USAGE',
  (text: string) => `'${text}' is no moment.`,
  () =>
    hint`Write it like '2026-11-20', '2026-11-20 23:15' (in UTC), '2026-11-20T23:15:00+01:00', or '2h' and '3d' for so long ago.`,
);

export const nameAndMoment = problem(
  'USAGE',
  (name: string) => `Both a backup, ${name}, and a moment were given.`,
  () => hint`Give one of them: ${overwinter('restore', 'NAME')} or ${overwinter('restore', '--as-of', 'TIME')}.`,
);

export const onlyWithTable = problem(
  'USAGE',
  (options: string) => `${options} is about rows of a table, and no table was named.`,
  () => hint`Name it: ${overwinter('restore', '--table', 'users')}.`,
);

export const notWithTable = problem(
  'USAGE',
  (option: string) => `Rows of a table come back into the database itself, and ${option} says otherwise.`,
  (option) => hint`Leave ${option} out, or --table: ${overwinter('restore', 'latest', '--to', 'inspect.db')}.`,
);

export const whereOfSeveral = problem(
  'USAGE',
  (tables: string) => `--where is about the rows of one table, and these were named: ${tables}.`,
  () => hint`Run it once for each: ${overwinter('restore', '--table', 'users', '--where', 'id = 42')}.`,
);

export const keyOfOtherLength = problem(
  'USAGE',
  (table: string, key: string, given: string, _words: readonly string[]) =>
    `A row of ${table} is told by ${key}, and ${given} given.`,
  (table, _key, _given, words) => hint`Give a word for each: ${overwinter('log', table, ...words)}.`,
);

export const nameTaken = problem(
  'NAME_TAKEN',
  (name: string) => `There is a backup named '${name}' already.`,
  (name) => hint`Choose another name, as in ${overwinter('backup', `${name}-2`)}.`,
);

export const targetExists = problem(
  'DATABASE_EXISTS',
  (path: string, _inPlace: readonly string[]) => `${path} exists already.`,
  (_path, inPlace) => hint`Choose another for --to, or restore in place with ${overwinter('restore', ...inPlace)}.`,
);

export const targetNotEmpty = problem(
  'DATABASE_EXISTS',
  (label: string) => `${label} is not empty, and a restore elsewhere goes into an empty database alone.`,
  () => hint`Name one for --to that is empty, or make what is there go by your own hand.`,
);

export const rowsReferenced = problem(
  'ROWS_REFERENCED',
  (tables: readonly string[], _children: readonly string[]) =>
    `Rows elsewhere point to rows in ${tables.join(', ')}: nothing was removed.`,
  (tables, children) =>
    hint`Empty those tables with it: ${overwinter('clear', ...tables, ...(children.length === 0 ? ['OTHER'] : children))}.`,
);

export const notConfirmed = problem(
  'NOT_CONFIRMED',
  (tables: readonly string[], of: string | undefined) =>
    `Nothing was removed from ${tables.join(' ')}${of === undefined ? '' : ` of ${of}`}: it was not confirmed.`,
  (tables) =>
    hint`Type the database's name when asked; without a terminal, ${overwinter('clear', ...tables, '--yes')}.`,
);

export const replaceNotConfirmed = problem(
  'NOT_CONFIRMED',
  (db: string) => `Nothing was done: ${db} stays as it is, because it was not confirmed.`,
  () => hint`Type 'yes' when asked, or add --yes; ${overwinter('restore', '--dry-run')} shows what would change.`,
);

export const commandNotStarted = problem(
  'COMMAND_NOT_STARTED',
  (command: string) => `'${command}' could not be started.`,
  (command) =>
    hint`${program('which', command)} shows whether it is there; the command stands after the dashes: ${overwinter('run', '--', 'npm', 'start')}.`,
);
