/** A DuckDB database could not be worked with, or a backup of it would not be whole. */
import { again, CONFIG, DEBUG, hint, overwinter, setting } from '../hint.ts';
import { problem } from './problem.ts';

export const duckdbFailed = problem(
  'DATABASE_FAILED',
  (label: string, reason: string) => `DuckDB could not work on ${label}: ${reason}.`,
  () => hint`${overwinter('doctor')} looks for what is in the way; ${DEBUG} shows the cause.`,
);

export const notADuckdb = problem(
  'DATABASE_CORRUPT',
  (label: string, reason: string) => `${label} is no DuckDB database, or it is damaged or encrypted: ${reason}.`,
  (label) =>
    hint`Keep a copy of it, then ${overwinter('restore', 'latest', '--db', label)} puts the newest backup in its place.`,
);

export const heldElsewhere = problem(
  'DATABASE_LOCKED',
  (label: string, holder: string) =>
    `The database ${label} is open in ${holder}, and DuckDB lets nobody else read it meanwhile.`,
  () =>
    hint`Stop that process and ${again('run the command again')}, or let the app save its own data while it runs, with keep(instance); ${overwinter('list')} shows what it saved.`,
);

export const heldHere = problem(
  'DATABASE_LOCKED',
  (label: string) =>
    `The database ${label} is open in this very process: opening it once more would show old rows, and closing that would let others write to it.`,
  () => hint`Give what is open, keep(instance), or do this before anything opens the database.`,
);

export const typeNotKept = problem(
  'DATABASE_FAILED',
  (label: string, table: string, column: string, type: string) =>
    `${table}.${column} of ${label} is of the type ${type}, whose values no text gives back.`,
  (_label, table, column) =>
    hint`Give it another type, or keep it out of backups: ${setting({ redact: { [table]: [column] } })} in ${CONFIG}.`,
);

export const viewBroken = problem(
  'DATABASE_FAILED',
  (label: string, view: string, reason: string) =>
    `The view ${view} of ${label} could not be made again from what is in the database: ${reason}.`,
  (_label, view) =>
    hint`Correct it, or take it away: 'DROP VIEW ${view}'. A view over files is not kept; let the app make it, as a temporary one.`,
);

export const macroUnreadable = problem(
  'DATABASE_FAILED',
  (label: string, macro: string) => `DuckDB does not tell the definition of the macro ${macro} in ${label}.`,
  (_label, macro) =>
    hint`Make it anew with plain names and defaults, 'CREATE OR REPLACE MACRO ${macro}(\u2026)', or let the app make it, as a temporary one.`,
);

export const rowsNeedOthers = problem(
  'CONFIG_INVALID',
  (sentence: string) => `${sentence}, and DuckDB takes no row whose foreign key points nowhere.`,
  () => hint`Leave those out too, with 'include' or 'exclude' in ${CONFIG}, or none of them.`,
);
