/** A database was not copied to another kind. */
import { hint, overwinter } from '../hint.ts';
import { count } from '../words.ts';
import { problem } from './problem.ts';

export const cannotBeCopied = problem(
  'ENGINE_MISSING',
  (kind: string) => `${kind} databases cannot be copied to other kinds yet, nor others to them.`,
  () => hint`SQLite, PostgreSQL and PGlite can: ${overwinter('copy', '--to', 'pglite:data/pg', '--dry-run')}.`,
);

export const copiedToItself = problem(
  'USAGE',
  (label: string) => `${label} is the database that is to be copied.`,
  () => hint`Name another, which is empty: ${overwinter('copy', '--to', 'TARGET')}.`,
);

export const sameKind = problem(
  'USAGE',
  (kind: string) => `Both are ${kind} databases: nothing has to become anything else there.`,
  () =>
    hint`A restore of a backup brings its rows into another database of the same kind: ${overwinter('restore', '--to', 'TARGET')}.`,
);

export const notEmpty = problem(
  'DATABASE_EXISTS',
  (label: string) => `${label} has tables already, and only an empty database is copied into.`,
  () =>
    hint`Name one that is new, or make what is there go by your own hand; ${overwinter('copy', '--to', 'TARGET', '--dry-run')} tells what would come.`,
);

export const namesAlike = problem(
  'USAGE',
  (one: string, other: string) => `'${one}' and '${other}' are one name to the other kind of database.`,
  () => hint`Give one of the two another name, and see again: ${overwinter('copy', '--to', 'TARGET', '--dry-run')}.`,
);

export const nameTooLong = problem(
  'USAGE',
  (name: string) => `'${name}' is longer than the 63 bytes that PostgreSQL keeps of a name.`,
  () => hint`Give it a shorter name, and see again: ${overwinter('copy', '--to', 'TARGET', '--dry-run')}.`,
);

export const valuesDoNotFit = problem(
  'COPY_REFUSED',
  (columns: number, values: number) =>
    `Nothing was copied: ${count(values, 'value')} in ${count(columns, 'column')} would not be the same in the other database.`,
  () =>
    hint`${overwinter('copy', '--to', 'TARGET', '--dry-run')} lists them row by row: correct these rows, or declare their columns for what they hold.`,
);

export const rowTooLarge = problem(
  'COPY_REFUSED',
  (table: string, most: string) =>
    `Nothing was copied: a row of ${table} is larger than ${most}, and rows are copied one by one.`,
  () =>
    hint`Move that row's large value into a file, and copy then: ${overwinter('copy', '--to', 'TARGET', '--dry-run')}.`,
);

export const copyInexact = problem(
  'RESTORE_INEXACT',
  (table: string, what: string) => `Nothing was copied: read again, ${table} says something else: ${what}.`,
  () =>
    hint`The other database is as it was. ${overwinter('copy', '--to', 'TARGET', '--dry-run')} tells what becomes of each column.`,
);

export const copyFailed = problem(
  'RESTORE_INEXACT',
  (what: string) => `Nothing was copied: the other database does not take it: ${what}.`,
  () => hint`It is as it was. ${overwinter('copy', '--to', 'TARGET', '--dry-run')} tells what becomes of each column.`,
);

export const backupIsPartial = problem(
  'COPY_REFUSED',
  (name: string, what: string) => `The backup ${name} is without ${what}, so a copy of it would not be whole.`,
  () =>
    hint`Copy the database itself: ${overwinter('copy', '--to', 'TARGET', '--dry-run')}. Or restore the backup first, which keeps what it is without.`,
);
