/** A database of PostgreSQL's is there, and a backup of it would not be whole. */
import { again, CONFIG, hint, program, setting } from '../hint.ts';
import { problem } from './problem.ts';

export const rowsHidden = problem(
  'DATABASE_REFUSED',
  (label: string, reason: string) =>
    `This role does not see all rows of ${label}, and a backup would hold fewer than there are: ${reason}.`,
  () =>
    hint`Use the address of a role that sees them all: a superuser, one with 'ALTER ROLE name BYPASSRLS', or the owner after 'ALTER TABLE name NO FORCE ROW LEVEL SECURITY'.`,
);

export const mayNotRead = problem(
  'DATABASE_REFUSED',
  (label: string, reason: string) => `This role may not read all of ${label}: ${reason}.`,
  () =>
    hint`Use the owner's address, or give the right: 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO name', and on sequences likewise; or leave the table out: ${setting({ exclude: { name: 'whole' } })} in ${CONFIG}.`,
);

export const keepsChanging = problem(
  'DATABASE_LOCKED',
  (label: string) => `The tables of ${label} are being changed while they are read.`,
  () => hint`Wait until the migration is done, and ${again('run the command again')}.`,
);

export const largeObjectsThere = problem(
  'DATABASE_FAILED',
  (label: string, count: number) =>
    `${label} holds ${count} large ${count === 1 ? 'object' : 'objects'}, which no table holds and no backup keeps.`,
  () =>
    hint`Put their bytes into a column of type bytea ('SELECT lo_get(oid)'), then remove them: 'SELECT lo_unlink(oid) FROM pg_largeobject_metadata'.`,
);

export const notLoadable = problem(
  'DATABASE_FAILED',
  (label: string, table: string, column: string, value: string) =>
    `${table}.${column} of ${label} holds '${value}', which names more than one function or operator, or none: it could not be put back.`,
  () => hint`Make the column regprocedure or regoperator, which say the arguments too, or text.`,
);

export const serverTooOld = problem(
  'DATABASE_FAILED',
  (label: string, version: string) => `${label} is on PostgreSQL ${version}, and Overwinter reads 13 and newer.`,
  () => hint`Bring it to a newer server with ${program('pg_dumpall')} or ${program('pg_upgrade')}.`,
);

export const textNotUtf8 = problem(
  'DATABASE_FAILED',
  (label: string, table: string) =>
    `${table} of ${label} holds bytes that are no text in UTF-8, in a database that does not say what its texts are written in.`,
  () =>
    hint`Find them with ${program('iconv', '-f', 'UTF-8')}, correct them, or bring everything into a new database: ${program('createdb', '-E', 'UTF8', '-T', 'template0', 'NAME')}.`,
);

export const rowsMissing = problem(
  'DATABASE_FAILED',
  (label: string, table: string, came: number, counted: number) =>
    `${came} rows of ${table} came from ${label}, where ${counted} were counted: nothing is kept.`,
  () => hint`Run the command again; if it stays so, 'REINDEX TABLE' the table, since an index may be damaged.`,
);
