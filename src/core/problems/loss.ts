/** Good data would be overwritten with less. */
import { hint, overwinter } from '../hint.ts';
import { problem } from './problem.ts';

export const backupEmpty = problem(
  'BACKUP_EMPTY',
  (db: string, rows: number) => `${db} has no rows, and the newest backup has ${rows}: no backup was written.`,
  () =>
    hint`Bring the rows back with ${overwinter('restore', 'latest')}, or, if this is meant, ${overwinter('backup', '--allow-shrink')}.`,
);

export const backupShrunk = problem(
  'BACKUP_SHRUNK',
  (db: string, rows: number, before: number) =>
    `${db} has ${rows} ${rows === 1 ? 'row' : 'rows'}, and the newest backup has ${before}: no backup was written.`,
  () => hint`See what is gone with ${overwinter('diff')}; if this is meant, ${overwinter('backup', '--allow-shrink')}.`,
);

export const tablesLost = problem(
  'BACKUP_SHRUNK',
  (db: string, losses: string, _tables: readonly string[]) => `${db} lost data: ${losses}. No backup was written.`,
  (_db, _losses, tables) =>
    hint`See what is gone with ${overwinter('diff')}; if this is meant, ${overwinter('backup', ...tables.flatMap((table) => ['--allow-shrink', table]))}.`,
  (_db, _losses, tables) => tables,
);

export const lossUnseen = problem(
  'BACKUP_SHRUNK',
  (db: string, before: number) =>
    `The newest backup has ${before} rows and is encrypted, and no key here opens it: whether only what the configuration leaves out of ${db} would be missing from the next cannot be seen. No backup was written.`,
  () =>
    hint`Make this one where a key is (${overwinter('keys check')} tells), or, if what is left out is meant, ${overwinter('backup', '--allow-shrink')}; those after it need neither.`,
);

export const held = problem(
  'HELD',
  (db: string, time: string, reason: string, _named: readonly string[]) =>
    `No backup of ${db} was written, because restoring it failed on ${time.slice(0, 10)} at ${time.slice(11, 16)} UTC: ${reason}`,
  (_db, _time, _reason, named) =>
    hint`${overwinter('restore', 'latest', ...named)} brings the data back and lifts this. If what is there now is meant to be the data: ${overwinter('backup', '--allow-shrink', ...named)}.`,
);
