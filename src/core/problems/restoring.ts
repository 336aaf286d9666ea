/** A backup is whole, and what came of it is not. */
import { hint, overwinter } from '../hint.ts';
import { problem } from './problem.ts';

export const drillFailed = problem(
  'VERIFY_FAILED',
  (name: string, what: string) => `The backup ${name} failed its restore drill: ${what}`,
  () =>
    hint`Nothing was pushed. ${overwinter('verify', '--all')} shows which backups restore; ${overwinter('backup')} makes a fresh one.`,
);

export const restoreInexact = problem(
  'RESTORE_INEXACT',
  (name: string, what: string) => `The backup ${name} did not restore exactly: ${what}.`,
  () =>
    hint`Nothing was replaced. ${overwinter('verify', '--all')} shows which backups restore; ${overwinter('list')} names them.`,
);

export const holdsData = problem(
  'DATABASE_EXISTS',
  (db: string) => `${db} holds data by now, and nobody saw what would become of it.`,
  () => hint`Nothing was replaced. ${overwinter('restore')} shows first what would change.`,
);

export const columnGone = problem(
  'COLUMN_GONE',
  (table: string, column: string) =>
    `The table '${table}' has no column '${column}' any more, and the backup has values for it.`,
  () => hint`Restore beside and migrate there: ${overwinter('restore', 'latest', '--to', 'before.db')}.`,
);

export const tableGone = problem(
  'TABLE_GONE',
  (table: string) => `The database has no table '${table}', and the backup has rows for it.`,
  () => hint`Restore beside and migrate there: ${overwinter('restore', 'latest', '--to', 'before.db')}.`,
);

export const virtualTableChanged = problem(
  'TABLE_GONE',
  (table: string) => `The virtual table '${table}' is defined in another way now, and the backup has rows for it.`,
  () => hint`Restore beside and migrate there: ${overwinter('restore', 'latest', '--to', 'before.db')}.`,
);

export const importUnreadable = problem(
  'IMPORT_UNREADABLE',
  (file: string, what: string) => `${file} cannot be imported: ${what}.`,
  () => hint`${overwinter('export')} writes a document that can; docs/format.md describes it.`,
);

export const kitInTheWay = problem(
  'NAME_TAKEN',
  (folder: string) => `${folder} is or holds something besides a recovery kit.`,
  () => hint`Name another folder: ${overwinter('recovery-kit', '--output', 'kit')}.`,
);

export const kitInBackups = problem(
  'NAME_TAKEN',
  (folder: string, store: string) =>
    `${folder} holds the backups in ${store}, or lies among them: a kit would take their place.`,
  () => hint`Name another folder: ${overwinter('recovery-kit', '--output', 'kit')}.`,
);

export const kitOfAnother = problem(
  'USAGE',
  (engine: string) => `A recovery kit makes SQLite databases, and this backup is of ${engine}.`,
  () => hint`Keep Overwinter beside the backups, and bring them back with ${overwinter('restore')}.`,
);
