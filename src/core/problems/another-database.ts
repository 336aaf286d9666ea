/** Backups of one database would become another's. */
import { CONFIG, hint, overwinter } from '../hint.ts';
import { problem } from './problem.ts';

export const anotherDatabase = problem(
  'ANOTHER_DATABASE',
  (where: string, theirs: string, ours: string, _both: string, _one: string) =>
    `The backups in ${where} are of another database: ${theirs}, not ${ours}.`,
  (_where, _theirs, _ours, both, one) =>
    hint`To keep both, put into ${CONFIG} ${both}; if it is the same database, renamed or moved: ${one}.`,
);

export const backupOfAnother = problem(
  'ANOTHER_DATABASE',
  (name: string, theirs: string, ours: string, _one: string) =>
    `${name} is a backup of another database: ${theirs}, not ${ours}.`,
  (name, _theirs, _ours, one) =>
    hint`If it is meant all the same: ${overwinter('restore', name, '--yes')}. If it is the same database, renamed or moved, put into ${CONFIG} ${one}.`,
);

export const copyOfAnother = problem(
  'ANOTHER_DATABASE',
  (file: string, ours: string, strange: number) =>
    `${file} looks like another database than ${ours}: ${strange === 1 ? 'a table of it is' : `${strange} of its tables are`} unknown to the backups, and most of theirs are missing.`,
  (_file, ours) =>
    hint`Name the file that is a copy of ${ours}, or '--db' its own name in ${CONFIG}. If it is the same one, made anew: copy it to ${ours}, and then ${overwinter('ci', '--db', ours)}.`,
);

export const backupOfOtherType = problem(
  'ANOTHER_DATABASE',
  (name: string, theirs: string, ours: string) =>
    `${name} is a backup of a ${theirs} database, and this one is ${ours}.`,
  (name) => hint`Name a database of that kind: ${overwinter('restore', name, '--db', 'TARGET')}.`,
);
