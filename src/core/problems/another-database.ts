/** Backups of one database would become another's. */
import { problem } from './problem.ts';

export const anotherDatabase = problem(
  'ANOTHER_DATABASE',
  (where: string, theirs: string, ours: string, _both: string, _one: string) =>
    `The backups in ${where} are of another database: ${theirs}, not ${ours}.`,
  (_where, _theirs, _ours, both, one) =>
    `To keep both, put into overwinter.config.ts ${both}; if it is the same database, renamed or moved: ${one}.`,
);

export const backupOfAnother = problem(
  'ANOTHER_DATABASE',
  (name: string, theirs: string, ours: string, _one: string) =>
    `${name} is a backup of another database: ${theirs}, not ${ours}.`,
  (name, _theirs, _ours, one) =>
    `If it is meant all the same: 'overwinter restore ${name} --yes'. If it is the same database, renamed or moved, put into overwinter.config.ts ${one}.`,
);
