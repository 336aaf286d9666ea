/** Rows of some tables cannot come back alone. */
import { hint, overwinter } from '../hint.ts';
import { article } from '../words.ts';
import { problem } from './problem.ts';

const BESIDE = hint`Restore beside and take them from there: ${overwinter('restore', 'latest', '--to', 'before.db')}.`;

export const rowsLeftOut = problem(
  'USAGE',
  (table: string) => `The backup has no rows of ${table}: backups leave them out.`,
  () => hint`${overwinter('undo')} goes back to a snapshot, which has them.`,
);

export const rowsLeftOutPartly = problem(
  'USAGE',
  (table: string) => `Of ${table} backups have only some rows, and --exact would remove all others: nothing was done.`,
  (table) => hint`Bring back what is missing or changed: ${overwinter('restore', '--table', table)} without --exact.`,
);

export const tableKeptElsewhere = problem(
  'USAGE',
  (table: string) =>
    `${table} is a virtual table, whose rows are in tables of its own: they come back with the whole database.`,
  () => BESIDE,
);

export const tableHasNoIdentity = problem(
  'USAGE',
  (table: string) => `Nothing tells the rows of ${table} apart: it has no key, and its columns hide the rows' numbers.`,
  () => BESIDE,
);

export const keyChanged = problem(
  'TABLE_GONE',
  (table: string) =>
    `The table '${table}' has another key now than in the backup, so nobody knows which rows are the same.`,
  () => BESIDE,
);

export const encodingChanged = problem(
  'TABLE_GONE',
  (now: string, then: string) =>
    `The database keeps text as ${now}, and the backup's is ${then}: single rows cannot come back.`,
  () => BESIDE,
);

export const conditionUnclear = problem(
  'USAGE',
  (table: string, reason: string) => `The condition of --where cannot be asked of ${table}: ${reason}.`,
  (table) =>
    hint`Write what stands after WHERE in SQL: ${overwinter('restore', '--table', table, '--where', 'id = 42')}.`,
);

export const rowsInConflict = problem(
  'ROWS_IN_CONFLICT',
  (table: string, what: string, theirs: string, ours: string) =>
    `${table}: the row ${theirs} of the backup and the row ${ours} that is here have the same ${what}. Nothing was changed.`,
  (table) =>
    hint`Change or remove the one that is here, or bring back others alone: ${overwinter('restore', '--table', table, '--where', 'CONDITION')}. With --exact the rows that the backup does not have go.`,
);

export const rowsInConflictSomehow = problem(
  'ROWS_IN_CONFLICT',
  (table: string, reason: string) =>
    `Rows of ${table} cannot come back beside those that are here: ${reason}. Nothing was changed.`,
  (table) =>
    hint`Bring back others alone, ${overwinter('restore', '--table', table, '--where', 'CONDITION')}, or restore beside with --to.`,
);

export const parentsMissing = problem(
  'ROWS_REFERENCED',
  (needs: string) => `The rows point to rows that are not here: ${needs}. Nothing was changed.`,
  () => hint`Add --with-parents, and those come along; or name their tables with --table, too.`,
);

export const rowsStillReferenced = problem(
  'ROWS_REFERENCED',
  (table: string, child: string, rows: string) =>
    `${rows} of ${child} would point to rows of ${table} that are not there any more. Nothing was changed.`,
  (table, child) =>
    hint`Bring both back: ${overwinter('restore', '--table', table, '--table', child)}; or leave --exact out, so that no row goes.`,
);

export const notForThisKind = problem(
  'USAGE',
  (kind: string) => `Single rows of ${article(kind)} ${kind} database cannot be brought back yet.`,
  () => hint`${overwinter('diff')} shows what differs; ${overwinter('restore')} brings everything back.`,
);
