/** What PostgreSQL can and a backup of it cannot, or not here. */
import { again, DEBUG, hint, overwinter, program, shell } from '../hint.ts';
import { problem } from './problem.ts';

const some = (names: readonly string[]) =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

export const schemaUnknown = problem(
  'DATABASE_FAILED',
  (label: string, what: readonly string[]) => `${label} holds what no backup could make again yet: ${some(what)}.`,
  () =>
    hint`Nothing was saved, because it would not have been whole. Move it into an extension, or save with ${program('pg_dump')} beside; ${overwinter('doctor')} names all of it.`,
);

export const schemaCircular = problem(
  'DATABASE_FAILED',
  (label: string, what: string) =>
    `${label} holds definitions that need each other in a circle: ${what} is one of them.`,
  () =>
    hint`Take one of them out of the circle, as a function that names the table in a text: ${overwinter('backup')} then.`,
);

export const rolesMissing = problem(
  'DATABASE_FAILED',
  (label: string, roles: readonly string[]) =>
    `The server of ${label} lacks ${roles.length === 1 ? 'a role' : 'roles'} that policies or grants of the backup name: ${some(roles)}. Nothing was touched.`,
  (_label, roles) =>
    hint`Make what is missing: ${shell`psql "$DATABASE_URL" -c ${roles.map((role) => `CREATE ROLE ${role}`).join('; ')}`}.`,
);

export const notTheirOwner = problem(
  'DATABASE_REFUSED',
  (label: string, role: string, tables: readonly string[]) =>
    `${role} may not restore ${label}: it does not own ${some(tables)}. Nothing was touched.`,
  (_label, role) =>
    hint`Use the owner's address, or give it to the role: 'ALTER TABLE name OWNER TO ${role}'; a member of the owner may restore, too.`,
);

export const databaseHeld = problem(
  'DATABASE_LOCKED',
  (label: string, holders: readonly string[]) => `${label} is in use: ${holders.join('; ')}. Nothing was changed.`,
  () =>
    hint`Wait until its transaction ends, or end it: ${shell`psql "$DATABASE_URL" -c "SELECT pg_terminate_backend(PROCESS)"`}; then ${again('run the command again')}.`,
);

export const foreignKeyNotOurs = problem(
  'DATABASE_REFUSED',
  (label: string, key: string) =>
    `The foreign key ${key} belongs to somebody else, and rows of ${label} cannot be put in beneath it. Nothing was changed.`,
  () => hint`Restore as the owner of that table, or as a role that is a member of it.`,
);

export const rowsWouldDangle = problem(
  'DATABASE_FAILED',
  (table: string, key: string, detail: string) =>
    `Rows of ${table} would point nowhere afterwards, against ${key}: ${detail.replace(/\.$/, '')}. Nothing was changed.`,
  (table) =>
    hint`If they are rows that backups leave out: ${overwinter('clear', table)} and restore again. Else ${overwinter('verify', '--all')} shows which backups restore.`,
);

export const definitionFailed = problem(
  'DATABASE_FAILED',
  (label: string, what: string, reason: string) =>
    `${label} does not take the definition of ${what} from the backup: ${reason.replace(/\.$/, '')}. Nothing was changed.`,
  () => hint`Give the server what it lacks, an extension or a right or a newer version; ${DEBUG} shows the cause.`,
);

export const otherThingsNeedIt = problem(
  'DATABASE_FAILED',
  (label: string, what: readonly string[]) =>
    `The tables of ${label} are others than the backup's and would have to go, but this needs them and would go too: ${some(what)}. Nothing was changed.`,
  () =>
    hint`Restore into an empty database, ${overwinter('restore', 'latest', '--to', 'TARGET')}, or take these away, restore, and make them again.`,
);

export const noScratch = problem(
  'DATABASE_REFUSED',
  (label: string, reason: string) =>
    `There is no place beside ${label} where a backup could be tried: ${reason.replace(/\.$/, '')}.`,
  () =>
    hint`Let the role make databases, 'ALTER ROLE name CREATEDB', name another server in OVERWINTER_DRILL, or try it here: ${program('npm', 'install', '@electric-sql/pglite')}.`,
);

export const notMigratedTo = problem(
  'TABLE_GONE',
  (table: string) => `The database has no table '${table}' any more, and the backup has rows for it.`,
  () =>
    hint`Restore into an empty database, ${overwinter('restore', 'latest', '--to', 'TARGET')}, and migrate there; or put the backup's tables in the place of these: ${overwinter('restore', 'latest')}.`,
);

export const columnNotMigratedTo = problem(
  'COLUMN_GONE',
  (table: string, column: string) =>
    `The table '${table}' has no column '${column}' any more, and the backup has values for it.`,
  () =>
    hint`Restore into an empty database, ${overwinter('restore', 'latest', '--to', 'TARGET')}, and migrate there; or put the backup's tables in the place of these: ${overwinter('restore', 'latest')}.`,
);
