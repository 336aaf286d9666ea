/** Backups of one database would become another's. */
import { CONFIG, hint, overwinter, type Settings } from '../hint.ts';
import { article } from '../words.ts';
import { problem } from './problem.ts';

export const anotherDatabase = problem(
  'ANOTHER_DATABASE',
  (where: string, theirs: string, ours: string, _both: Settings, _one: Settings) =>
    `The backups in ${where} are of another database: ${theirs}, not ${ours}.`,
  (_where, _theirs, ours, both, one) =>
    hint`If ${ours} is misspelt, mend it where it is named. To keep both, put into ${CONFIG} ${both}; if it is the same database, renamed or moved: ${one}.`,
);

export const backupOfAnother = problem(
  'ANOTHER_DATABASE',
  (name: string, theirs: string, ours: string, _one: Settings) =>
    `${name} is a backup of another database: ${theirs}, not ${ours}.`,
  (name, _theirs, _ours, one) =>
    hint`If it is meant all the same: ${overwinter('restore', name, '--yes')}. If it is the same database, renamed or moved, put into ${CONFIG} ${one}.`,
);

const strangers = (strange: number) => (strange === 1 ? 'a table of it is' : `${strange} of its tables are`);

export const copyOfAnother = problem(
  'ANOTHER_DATABASE',
  (file: string, ours: string, strange: number) =>
    `${file} looks like another database than ${ours}: ${strangers(strange)} unknown to the backups, and most of theirs are missing.`,
  (_file, ours) =>
    hint`Name the file that is a copy of ${ours}, or '--db' its own name in ${CONFIG}. If it is the same one, made anew: copy it to ${ours}, and then ${overwinter('ci', '--db', ours)}.`,
);

/** A variable that is called the same everywhere names another app's database here. */
export const rowsOfAnother = problem(
  'ANOTHER_DATABASE',
  (db: string, strange: number) =>
    `${db} looks like another database than the one of the backups here: ${strangers(strange)} unknown to them, and most of theirs are missing.`,
  () =>
    hint`See what names it here, in the environment and in .env. If it is the same one, and its tables were made anew: ${overwinter('backup', '--allow-shrink')}.`,
);

export const rowsOverAnother = problem(
  'ANOTHER_DATABASE',
  (db: string, name: string, strange: number) =>
    `${db} looks like another database than the one of ${name}: ${strangers(strange)} unknown there and to the newest backup.`,
  (_db, name) =>
    hint`See what names it here, in the environment and in .env. If it is meant to be replaced: ${overwinter('restore', name, '--yes')}.`,
);

export const documentOverAnother = problem(
  'ANOTHER_DATABASE',
  (db: string, file: string, strange: number) =>
    `${db} looks like another database than the one of ${file}: ${strangers(strange)} unknown there and to the newest backup.`,
  (_db, file) =>
    hint`See what names it here, in the environment and in .env. If it is meant to be replaced: ${overwinter('import', file, '--yes')}.`,
);

export const backupOfOtherType = problem(
  'ANOTHER_DATABASE',
  (name: string, theirs: string, ours: string) =>
    `${name} is a backup of ${article(theirs)} ${theirs} database, and this one is ${ours}.`,
  (name) => hint`Name a database of that kind: ${overwinter('restore', name, '--to', 'TARGET')}.`,
);
