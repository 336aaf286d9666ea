/** What was named as the database cannot be, or not yet. None of these repeats what was named: there may be a password in it. */
import { CONFIG, git, hint, overwinter } from '../hint.ts';
import { problem } from './problem.ts';

const NAME_A_FILE = hint`Name an SQLite file: ${overwinter('status', '--db', 'data/app.db')}.`;

export const targetUnknown = problem(
  'USAGE',
  (scheme: string, _meant: string | undefined, _examples: string) =>
    `'${scheme}:' is no kind of database that Overwinter knows.`,
  (_scheme, meant, examples) =>
    meant === undefined ? hint`It knows ${examples}.` : hint`Did you mean '${meant}:'? Overwinter knows ${examples}.`,
);

export const targetElsewhere = problem(
  'USAGE',
  () => 'A file: URL with two slashes names another machine.',
  () => hint`Write three slashes for a path from the root, or none: ${overwinter('status', '--db', 'file:./dev.db')}.`,
);

export const targetUnreadable = problem(
  'USAGE',
  () => 'The path of the database holds a character that no path can.',
  () => NAME_A_FILE,
);

export const targetAmbiguous = problem(
  'USAGE',
  (a: string, b: string) => `'sqlite:///' names ${a} to some tools and ${b} to others, and it may be either here.`,
  (a) => hint`Name the one that the app uses: ${overwinter('status', '--db', a)}.`,
);

export const targetLeadsAway = problem(
  'NOT_OURS',
  (where: string, file: string) =>
    `${where} names a database that is not this project's own, and git tracks ${file}: a branch may have brought it, so nothing is written there.`,
  (_where, file) =>
    hint`Let git go of the file (${git('rm', '--cached', file)}, and a line in .gitignore), or name the database yourself, in ${CONFIG} or with --db.`,
);

export const variableUnset = problem(
  'USAGE',
  (name: string) => `The variable ${name}, which is to say where the database is, is not set.`,
  (name) => hint`Set it in the environment or in .env, '${name}=file:./data/app.db', or name the database with --db.`,
);

export const variableNotAName = problem(
  'USAGE',
  () => "What stands after 'env:' is not the name of a variable.",
  () => hint`Write it as in ${overwinter('status', '--db', 'env:DATABASE_URL')}.`,
);

export const variableWrong = problem(
  'USAGE',
  (where: string, what: string) => `${where} names the database, but not so that it could be found: ${what}`,
  (where) => hint`Correct it, or name the database with --db instead of ${where}.`,
);

export const fallbackNotConfirmed = problem(
  'NOT_CONFIRMED',
  (what: string, db: string, where: string) =>
    `Nothing was done: this ${what} ${db}, which ${where} alone names, and it was not confirmed.`,
  () => hint`Say 'yes' when asked, or add --yes; 'db' in ${CONFIG} names the database once and for all.`,
);
