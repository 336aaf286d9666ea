/** A database on a server, or one that needs a driver of its own, could not be worked with. No sentence holds an address with its password. */
import { again, DEBUG, hint, overwinter, program, shell } from '../hint.ts';
import { problem } from './problem.ts';

export const driverMissing = problem(
  'ENGINE_MISSING',
  (kind: string, packages: readonly string[]) =>
    `${kind} databases are opened with ${packages.join(' and ')}, which the project does not have.`,
  (_kind, packages) => hint`Install what is missing: ${program('npm', 'install', ...packages)}.`,
);

export const addressUnreadable = problem(
  'USAGE',
  (what: string) => `The address of the PostgreSQL database cannot be read: ${what}.`,
  () =>
    hint`Write it as 'postgres://USER:PASSWORD@HOST:5432/DATABASE', with '%40' for an @ in the password, and other signs likewise.`,
);

export const serverUnreachable = problem(
  'DATABASE_UNREACHABLE',
  (label: string, reason: string) => `The database ${label} cannot be reached: ${reason}.`,
  (_label, _reason) =>
    hint`See whether the server runs and can be reached from here, ${program('pg_isready')}, and whether the host has put it to sleep; then ${again('run the command again')}.`,
);

export const projectPaused = problem(
  'DATABASE_UNREACHABLE',
  (label: string, reason: string) =>
    `The host of ${label} knows no such project or user, as it is when a project is paused or gone: ${reason}.`,
  () => hint`Wake it in the host's dashboard, or correct the user's name in the address; then ${overwinter('status')}.`,
);

export const tooManyConnections = problem(
  'DATABASE_UNREACHABLE',
  (label: string, reason: string) => `The database ${label} takes no more connections: ${reason}.`,
  () =>
    hint`Close some, or use the address of the host's session pooler; ${program('psql', '-c', 'SELECT application_name, count(*) FROM pg_stat_activity GROUP BY 1')} shows whose they are.`,
);

export const encryptionOfServer = problem(
  'DATABASE_UNREACHABLE',
  (label: string, reason: string) => `No encrypted connection to ${label} could be made: ${reason}.`,
  () =>
    hint`End the address with '?sslmode=require' (encrypted), '?sslmode=verify-full&sslrootcert=FILE' (and certain who answers) or '?sslmode=disable', as the host says; then ${overwinter('status')}.`,
);

export const signInRefused = problem(
  'DATABASE_REFUSED',
  (label: string, reason: string) => `The server does not let us into ${label}: ${reason}.`,
  () =>
    hint`Correct user and password in the address, or in PGUSER and PGPASSWORD; see whether it works: ${shell`psql "$DATABASE_URL" -c "SELECT 1"`}.`,
);

export const databaseNotOnServer = problem(
  'DATABASE_MISSING',
  (label: string, reason: string, _createdb: readonly string[]) => `There is no database ${label}: ${reason}.`,
  (_label, _reason, createdb) =>
    hint`Make it, ${program('createdb', ...createdb)}, or correct its name in the address; ${program('psql', '-l')} lists those that are there.`,
);

export const serverFailed = problem(
  'DATABASE_FAILED',
  (label: string, reason: string) => `PostgreSQL could not work on ${label}: ${reason}.`,
  () => hint`${overwinter('doctor')} looks for what is in the way; ${DEBUG} shows the cause.`,
);

export const serverBusy = problem(
  'DATABASE_LOCKED',
  (label: string, reason: string) => `The database ${label} is in use by another process: ${reason}.`,
  () =>
    hint`Wait until it is done, and ${again('run the command again')}; ${program('psql', '-c', 'SELECT pid, application_name, state, query FROM pg_stat_activity')} shows who it is.`,
);

export const folderOpenElsewhere = problem(
  'DATABASE_LOCKED',
  (label: string, holder: string) =>
    `The database ${label} is open in ${holder}, and two at once would destroy it: PGlite itself does not see that.`,
  () => hint`Stop the app, and ${again('run the command again')}.`,
);
