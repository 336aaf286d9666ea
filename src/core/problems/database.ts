/** A database is not there, or not such that it can be worked with. */
import { again, CONFIG, DEBUG, forTerminal, given, hint, overwinter, program, setting } from '../hint.ts';
import { problem } from './problem.ts';

export const databaseMissing = problem(
  'DATABASE_MISSING',
  (path: string, _neighbour?: string) => `There is no database at ${path}.`,
  (path, neighbour) =>
    neighbour === undefined
      ? hint`${given('saved', hint`Bring it back with ${overwinter('restore', 'latest', '--db', path)}`, ['Start the app, which makes it'])}${forTerminal([', or name another with --db'], 'nothing')}.`
      : hint`There is ${neighbour}: if that was meant, say '--db ${neighbour}'.${given('saved', hint` Else ${overwinter('restore', 'latest', '--db', path)} brings it back.`, [])}`,
);

export const databaseNotAFile = problem(
  'DATABASE_NOT_A_FILE',
  (path: string) => `${path} is not a file.`,
  (path) => hint`See what is there, ${program('ls', '-ld', path)}, and name the database's own file with --db.`,
);

export const besideIsNoFile = problem(
  'USAGE',
  (label: string) => `${label} is no file, and what is restored beside it is another database.`,
  () => hint`Name one that is empty: ${overwinter('restore', 'latest', '--to', 'TARGET')}.`,
);

export const folderInTheWay = problem(
  'DATABASE_NOT_A_FILE',
  (folder: string) => `${folder} holds other things than a database of PGlite's.`,
  () => hint`Name a folder of its own for it, as in 'pglite:data/pg'.`,
);

export const databaseNotSqlite = problem(
  'DATABASE_NOT_SQLITE',
  (path: string) => `${path} is not an SQLite database, or it is encrypted.`,
  () =>
    hint`Name another with --db; an encrypted database must be opened by a prepare(db) in ${CONFIG}. ${overwinter('list')} shows what could be restored.`,
);

export const databaseCorrupt = problem(
  'DATABASE_CORRUPT',
  (path: string) => `The database ${path} is damaged.`,
  (path) =>
    hint`Keep a copy of it, then ${overwinter('restore', 'latest', '--db', path)} puts the newest backup in its place.`,
);

export const databaseFailed = problem(
  'DATABASE_FAILED',
  (path: string, reason: string) => `SQLite could not work on ${path}: ${reason}.`,
  () =>
    hint`If the app registers functions, collations or extensions, register them in prepare(db) in ${CONFIG}; ${DEBUG} shows the cause.`,
);

export const definitionTorn = problem(
  'DATABASE_FAILED',
  (path: string, name: string) =>
    `The definition of '${name}' in ${path} is not valid text, which no backup could keep.`,
  (path) => hint`Look at it with ${program('sqlite3', path, '.schema')} and make the object anew, in UTF-8.`,
);

export const textTorn = problem(
  'DATABASE_FAILED',
  (path: string) => `A text in ${path} ends in half a character, which SQLite itself would not give back.`,
  (path) =>
    hint`${program('sqlite3', path, 'PRAGMA integrity_check')} looks for more of the kind; write that text anew.`,
);

export const moduleUnknown = problem(
  'DATABASE_FAILED',
  (path: string, table: string, module: string) =>
    `The table '${table}' in ${path} needs the module '${module}', which is not known here, so no restore could vouch for it.`,
  () =>
    hint`Load the extension that brings it, or register it, in prepare(db) in ${CONFIG}; ${overwinter('status')} then says whether it is known.`,
);

export const tooMuchSchema = problem(
  'DATABASE_FAILED',
  (path: string, what: string) => `${path} holds ${what}, more than a backup could give back.`,
  (path) => hint`See which tables are needed: ${program('sqlite3', path, '.tables')}.`,
);

export const tableTooOld = problem(
  'DATABASE_FAILED',
  (path: string, table: string) => `${path} holds ${table}, which only an older SQLite could make.`,
  (path, table) => hint`Nothing reads it any more: ${program('sqlite3', path, `DROP TABLE ${table}`)} takes it away.`,
);

export const tableTooWide = problem(
  'DATABASE_FAILED',
  (path: string, table: string, columns: number) =>
    `${path} holds ${table} with ${columns} columns and a hidden row number: one more than SQLite gives back at once.`,
  (_path, table) =>
    hint`Make one of its columns INTEGER PRIMARY KEY, or keep it out of backups: ${setting({ exclude: { [table]: 'whole' } })} in ${CONFIG}.`,
);

export const valueMissing = problem(
  'DATABASE_FAILED',
  (path: string, table: string, column: string) =>
    `${path} has rows in ${table} without a value in ${column}, which is NOT NULL: no restore could bring them back.`,
  (path, table, column) =>
    hint`See them: ${program('sqlite3', path, `SELECT * FROM ${named(table)} WHERE typeof(${named(column)}) = 'null'`)}; give them a value, or take NOT NULL out of the definition.`,
);

const named = (name: string) => (/^\w+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

export const databaseLocked = problem(
  'DATABASE_LOCKED',
  (path: string) => `The database ${path} is in use by another process.`,
  () => hint`Stop the app, or wait until its transaction ends, and ${again('run the command again')}.`,
);

export const databaseOpen = problem(
  'DATABASE_LOCKED',
  (path: string, holder: string) =>
    `The database ${path} is open in ${holder}, which would go on writing to the old file.`,
  () => hint`Stop the app, and ${again('run the command again')}.`,
);

export const databaseInMemory = problem(
  'USAGE',
  () => 'A database in memory has no file that could be kept.',
  () => hint`Open one with a file: new Database('data/app.db').`,
);

export const notInHand = problem(
  'USAGE',
  (what: string, call: string) => `${call} was given ${what}, which does not say where its database is.`,
  (_what, call) =>
    hint`Give the path, '${called(call, 'data/app.db')}', or what is open of it with better-sqlite3, node:sqlite, Drizzle, Kysely or DuckDB.`,
);

export const alreadyOpen = problem(
  'USAGE',
  (call: string, _path: string) =>
    `${call} was given a database that is open. A restore puts another file in its place, and the app would go on with the old one.`,
  (call, path) => hint`Give the path, before anything opens it: '${called(call, path)}'.`,
);

export const opensSqliteOnly = problem(
  'USAGE',
  (kind: string) => `openDatabase() opens SQLite databases, and this is one of ${kind}.`,
  () => hint`Bring its data back with 'await autoRestore()', and then open it with its own driver.`,
);

const called = (call: string, path: string) =>
  call === 'keep()' || call === 'openDatabase()'
    ? call.replace('()', `(${JSON.stringify(path)})`)
    : call.replace('()', `({ db: ${JSON.stringify(path)} })`);

export const releaseNeeded = problem(
  'DATABASE_LOCKED',
  () => 'The app has the database open, and this panel was not told how to close it.',
  () =>
    hint`Give createPanel() a 'withDatabaseClosed', or stop the app and use ${forTerminal(hint`the command line: ${overwinter('restore', 'latest')}`, 'same')}.`,
);

export const driverTooNew = problem(
  'DRIVER_NOT_BUILT',
  (node: string) => `better-sqlite3 13, which opens SQLite databases, does not run on Node ${node.replace(/^v/, '')}.`,
  () =>
    hint`Take a newer Node, ${program('nvm', 'install', '24')}, or the driver before: ${program('npm', 'install', 'better-sqlite3@12')}, with pnpm or Yarn "resolutions": {"better-sqlite3": "^12.11.1"} in package.json.`,
);

export const driverNotThere = problem(
  'DRIVER_NOT_BUILT',
  (machine: string) => `better-sqlite3, which opens SQLite databases, has no binary that runs here, ${machine}.`,
  () =>
    hint`Install it anew, ${program('npm', 'install', 'better-sqlite3')}; where it brings none for this machine, ${program('npm', 'install', 'better-sqlite3@12')} builds one.`,
);

export const driverNotBuilt = problem(
  'DRIVER_NOT_BUILT',
  () => 'better-sqlite3, which opens SQLite databases, was not built for the Node that runs here.',
  () =>
    hint`Build it: ${program('npm', 'rebuild', 'better-sqlite3')}, with pnpm ${program('pnpm', 'approve-builds')}, with Yarn "dependenciesMeta": {"better-sqlite3": {"built": true}} in package.json and ${program('yarn', 'install')}.`,
);
