import { type ErrorCode, OverwinterError } from './errors.ts';

/** Every sentence Overwinter says when something fails, in one place. */
const problem =
  <A extends unknown[]>(code: ErrorCode, sentence: (...args: A) => string, hint: (...args: A) => string) =>
  (...args: A) =>
  (cause?: unknown) =>
    new OverwinterError(code, sentence(...args), hint(...args), cause);

export const usage = problem(
  'USAGE',
  (sentence: string, _hint: string) => sentence,
  (_s, hint) => hint,
);

export const configInvalid = problem(
  'CONFIG_INVALID',
  (where: string, what: string) => `The configuration in ${where} ${what}.`,
  (where) => `Edit ${where}; 'overwinter --help' lists what may be set.`,
);

export const privacyUnknown = problem(
  'CONFIG_INVALID',
  (setting: string, name: string, what: string, meant: string | undefined) =>
    `The configuration's '${setting}' names '${name}', which is no ${what}${meant === undefined ? '.' : `; did you mean '${meant}'?`}`,
  (setting) => `Edit '${setting}' in overwinter.config.ts; 'overwinter status' then says whether it can be.`,
);

export const cannotLeaveOut = problem(
  'CONFIG_INVALID',
  (reason: string, columns: readonly string[], _lines: string, _keep: string) =>
    `Backups leave out what ${reason}, but ${columns.join('; and ')}.`,
  (_reason, _columns, lines, keep) =>
    `Put into overwinter.config.ts ${lines}, which is what a restore then brings back; or, to save it as it is, ${keep}. 'overwinter backup' goes on from there.`,
);

export const cannotExclude = problem(
  'CONFIG_INVALID',
  (table: string, needs: string) => `The table ${table} cannot be left out whole: ${needs} needs it.`,
  (table) => `Leave out its rows alone, in overwinter.config.ts: exclude: { ${table}: 'rows' }.`,
);

export const publicRemote = problem(
  'PUBLIC_REMOTE',
  (repository: string) => `Everybody can read ${repository}, and would read the backups in it: none was saved there.`,
  (repository) =>
    `Make it private ('gh repo edit ${repository} --visibility private', then 'overwinter init'), encrypt the backups ('overwinter keys new'), or, if anybody may read the data, say publicRemote: 'allow' in overwinter.config.ts.`,
);

export const conditionInvalid = problem(
  'CONFIG_INVALID',
  (table: string, condition: string, reason: string) =>
    `The configuration's 'include' says of ${table} what SQLite cannot answer: ${condition} (${reason}).`,
  (table) => `Write a condition over its columns in overwinter.config.ts, as in include: { ${table}: 'active = 1' }.`,
);

export const replacementInvalid = problem(
  'CONFIG_INVALID',
  (table: string, column: string, reason: string) =>
    `The configuration's 'redact' puts a value into ${table}.${column} that cannot stand there: ${reason}.`,
  (table, column) => `Choose another in overwinter.config.ts: redact: { ${table}: { ${column}: … } }.`,
);

export const cannotEmpty = problem(
  'DATABASE_FAILED',
  (table: string, reason: string) =>
    `The index of ${table} cannot be left out, because it cannot be made anew: ${reason}.`,
  (table) => `Leave the virtual table out, in overwinter.config.ts: exclude: { ${table}: 'whole' }.`,
);

export const nameInvalid = problem(
  'NAME_INVALID',
  (name: string) => `'${name}' cannot be the name of a backup.`,
  () => "Use letters, digits, '.', '_' and '-', as in 'overwinter backup before-migration'.",
);

export const noDatabaseGiven = problem(
  'USAGE',
  () => 'No database was named, and none was found here.',
  () => "Name it: 'overwinter status --db data/app.db'.",
);

export const severalDatabases = problem(
  'USAGE',
  (files: string) => `More than one database is here: ${files}.`,
  () => "Name the one to use: 'overwinter status --db data/app.db'.",
);

export const initNeedsDatabase = problem(
  'USAGE',
  (sentence: string) => sentence,
  () => "Name the file, whether it exists yet or not: 'overwinter init --db data/app.db'.",
);

export const databaseMissing = problem(
  'DATABASE_MISSING',
  (path: string) => `There is no database at ${path}.`,
  (path) => `Bring it back with 'overwinter restore latest --db ${path}', or name another with --db.`,
);

export const databaseNotAFile = problem(
  'DATABASE_NOT_A_FILE',
  (path: string) => `${path} is not a file.`,
  () => "Name the database file itself: 'overwinter status --db data/app.db'.",
);

export const databaseNotSqlite = problem(
  'DATABASE_NOT_SQLITE',
  (path: string) => `${path} is not an SQLite database, or it is encrypted.`,
  () =>
    "Name another with --db; an encrypted database must be opened by a prepare(db) in overwinter.config.ts. 'overwinter list' shows what could be restored.",
);

export const databaseCorrupt = problem(
  'DATABASE_CORRUPT',
  (path: string) => `The database ${path} is damaged.`,
  (path) => `Keep a copy of it, then 'overwinter restore latest --db ${path}' puts the newest backup in its place.`,
);

export const databaseFailed = problem(
  'DATABASE_FAILED',
  (path: string, reason: string) => `SQLite could not work on ${path}: ${reason}.`,
  (path) =>
    /no such (module|function|collation)|unknown (module|function|tokenizer)/.test(String(path))
      ? ''
      : "If the app registers functions, collations or extensions, register them in prepare(db) in overwinter.config.ts; '--debug' shows the cause.",
);

export const definitionTorn = problem(
  'DATABASE_FAILED',
  (path: string, name: string) =>
    `The definition of '${name}' in ${path} is not valid text, which no backup could keep.`,
  (path) => `Look at it with 'sqlite3 ${path} .schema' and make the object anew, in UTF-8.`,
);

export const textTorn = problem(
  'DATABASE_FAILED',
  (path: string) => `A text in ${path} ends in half a character, which SQLite itself would not give back.`,
  (path) => `'sqlite3 ${path} "PRAGMA integrity_check"' looks for more of the kind; write that text anew.`,
);

export const moduleUnknown = problem(
  'DATABASE_FAILED',
  (path: string, table: string, module: string) =>
    `The table '${table}' in ${path} needs the module '${module}', which is not known here, so no restore could vouch for it.`,
  () =>
    "Load the extension that brings it, or register it, in prepare(db) in overwinter.config.ts: 'overwinter --help'.",
);

export const tooMuchSchema = problem(
  'DATABASE_FAILED',
  (path: string, what: string) => `${path} holds ${what}, more than a backup could give back.`,
  (path) => `See which tables are needed: 'sqlite3 ${path} .tables'.`,
);

export const tableTooOld = problem(
  'DATABASE_FAILED',
  (path: string, table: string) => `${path} holds ${table}, which only an older SQLite could make.`,
  (path, table) => `Nothing reads it any more: 'sqlite3 ${path} "DROP TABLE ${table}"' takes it away.`,
);

export const databaseLocked = problem(
  'DATABASE_LOCKED',
  (path: string) => `The database ${path} is in use by another process.`,
  () => 'Stop the app, or wait until its transaction ends, and run the command again.',
);

export const databaseOpen = problem(
  'DATABASE_LOCKED',
  (path: string, holder: string) =>
    `The database ${path} is open in ${holder}, which would go on writing to the old file.`,
  () => 'Stop the app, and run the command again.',
);

export const busy = problem(
  'BUSY',
  (dir: string) => `Another process is working on the backups in ${dir}.`,
  () => 'Wait until it is done and run the command again.',
);

export const noBackup = problem(
  'NO_BACKUP',
  (where: string) => `There is no backup in ${where}.`,
  () => "Make the first one with 'overwinter backup'.",
);

export const noIntactBackup = problem(
  'BACKUP_DAMAGED',
  (where: string, tried: number) => `None of the ${tried} backups in ${where} is intact.`,
  () =>
    "'overwinter verify --all' names the damage; 'overwinter restore --at HEAD~1' takes a backup from the repository's history.",
);

export const backupNotFound = problem(
  'BACKUP_NOT_FOUND',
  (name: string, where: string) => `There is no backup named '${name}' in ${where}.`,
  () => "'overwinter list' shows the names; 'overwinter list --history' also those that were removed since.",
);

export const noSnapshot = problem(
  'NO_SNAPSHOT',
  (db: string) => `There is no snapshot of ${db}.`,
  () => "'overwinter snapshot' takes one; 'overwinter list' shows the backups.",
);

export const snapshotNotFound = problem(
  'NO_SNAPSHOT',
  (id: string, db: string, _newest: string) => `There is no snapshot '${id}' of ${db}.`,
  (_id, _db, newest) => `'overwinter snapshots' lists them; the newest is ${newest}.`,
);

export const backupDamaged = problem(
  'BACKUP_DAMAGED',
  (file: string, what: string) => `${file} ${what}.`,
  () =>
    "'overwinter restore latest' uses the newest intact backup; 'git checkout -- backups' brings back what was committed.",
);

export const backupTooNew = problem(
  'BACKUP_TOO_NEW',
  (file: string, format: number) => `${file} is of format ${format}, which this version does not know.`,
  () => "Update with 'npm install overwinter@latest'.",
);

export const backupStale = problem(
  'BACKUP_STALE',
  (environment: string, found: string) => `The newest backup of ${environment} ${found}.`,
  (environment) =>
    `See that the app in ${environment} still saves: 'overwinter status' there; 'overwinter list' shows what has come in.`,
);

export const drillFailed = problem(
  'VERIFY_FAILED',
  (name: string, what: string) => `The backup ${name} failed its restore drill: ${what}`,
  () =>
    "Nothing was pushed. 'overwinter verify --all' shows which backups restore; 'overwinter backup' makes a fresh one.",
);

export const verifyFailed = problem(
  'VERIFY_FAILED',
  (failed: number, of: number) => `${failed} of ${of} backups failed their restore drill.`,
  () => "'overwinter backup' makes a fresh one; 'git checkout -- backups' brings back what was committed.",
);

export const restoreInexact = problem(
  'RESTORE_INEXACT',
  (name: string, what: string) => `The backup ${name} did not restore exactly: ${what}.`,
  () => "Nothing was replaced. 'overwinter verify --all' shows which backups restore; 'overwinter list' names them.",
);

export const columnGone = problem(
  'COLUMN_GONE',
  (table: string, column: string) =>
    `The table '${table}' has no column '${column}' any more, and the backup has values for it.`,
  () => "Restore beside and migrate there: 'overwinter restore latest --to before.db'.",
);

export const tableGone = problem(
  'TABLE_GONE',
  (table: string) => `The database has no table '${table}', and the backup has rows for it.`,
  () => "Restore beside and migrate there: 'overwinter restore latest --to before.db'.",
);

export const importUnreadable = problem(
  'IMPORT_UNREADABLE',
  (file: string, what: string) => `${file} cannot be imported: ${what}.`,
  () => "'overwinter export' writes a document that can; docs/format.md describes it.",
);

export const backupEmpty = problem(
  'BACKUP_EMPTY',
  (db: string, rows: number) => `${db} has no rows, and the newest backup has ${rows}: no backup was written.`,
  () =>
    "Bring the rows back with 'overwinter restore latest', or, if this is meant, 'overwinter backup --allow-shrink'.",
);

export const backupShrunk = problem(
  'BACKUP_SHRUNK',
  (db: string, rows: number, before: number) =>
    `${db} has ${rows} ${rows === 1 ? 'row' : 'rows'}, and the newest backup has ${before}: no backup was written.`,
  () => "See what is gone with 'overwinter diff'; if this is meant, 'overwinter backup --allow-shrink'.",
);

export const lossUnseen = problem(
  'BACKUP_SHRUNK',
  (db: string, before: number) =>
    `The newest backup has ${before} rows and is encrypted, and no key here opens it: whether only what the configuration leaves out of ${db} would be missing from the next cannot be seen. No backup was written.`,
  () =>
    "Make this one where a key is ('overwinter keys check' tells), or, if what is left out is meant, 'overwinter backup --allow-shrink'; those after it need neither.",
);

export const held = problem(
  'HELD',
  (db: string, time: string, reason: string) =>
    `No backup of ${db} was written, because restoring it failed on ${time.slice(0, 10)} at ${time.slice(11, 16)} UTC: ${reason}`,
  (db) =>
    `'overwinter restore latest --db ${db}' brings the data back and lifts this. If what is there now is meant to be the data: 'overwinter backup --allow-shrink'.`,
);

export const ownBackupsDamaged = problem(
  'BACKUP_DAMAGED',
  (environment: string, where: string, other: string) =>
    `Backups that are or may be of the environment '${environment}' are damaged in ${where}, and those of '${other}' are not its data.`,
  (_environment, _where, other) =>
    `'git checkout -- backups' brings back what was committed. To start with the other data all the same: 'overwinter auto-restore --from ${other}'.`,
);

export const nameTaken = problem(
  'NAME_TAKEN',
  (name: string) => `There is a backup named '${name}' already.`,
  (name) => `Choose another name, as in 'overwinter backup ${name}-2'.`,
);

export const targetExists = problem(
  'DATABASE_EXISTS',
  (path: string) => `${path} exists already.`,
  () => "Choose another file for --to, or restore in place with 'overwinter restore'.",
);

export const driverNotBuilt = problem(
  'DRIVER_NOT_BUILT',
  () => 'better-sqlite3, which opens SQLite databases, was not built for the Node that runs here.',
  () =>
    `Build it: 'npm rebuild better-sqlite3', with pnpm 'pnpm approve-builds', with Yarn "dependenciesMeta": {"better-sqlite3": {"built": true}} in package.json and 'yarn install'.`,
);

export const diskFull = problem(
  'DISK_FULL',
  (where: string) => `There is no space left to write ${where}.`,
  () =>
    "Nothing that was there has changed. Free some space ('overwinter prune --dry-run' shows old backups) and run it again.",
);

export const notWritable = problem(
  'NOT_WRITABLE',
  (where: string) => `${where} cannot be written.`,
  (where) => `Check who may write there: 'ls -ld ${where}'. Nothing that was there has changed.`,
);

export const gitFailed = problem(
  'GIT_FAILED',
  (what: string) => `git could not ${what}.`,
  () => "'git status' shows the state of the repository; '--debug' shows what git said.",
);

export const noRepository = problem(
  'GIT_FAILED',
  (folder: string) => `${folder} is in no git repository.`,
  () =>
    "Run 'git init' at the top of the project. 'overwinter list' and 'overwinter restore' work on the folder itself, without a history.",
);

export const branchOutOfReach = problem(
  'GIT_FAILED',
  (branch: string, folder: string) => `The branch ${branch} cannot be looked at: ${folder} is in no git repository.`,
  () =>
    "Deploy the app with its repository ('git clone'), or name it: 'OVERWINTER_REMOTE=https://github.com/you/app.git', with a token in OVERWINTER_GIT_TOKEN.",
);

export const remoteShut = problem(
  'GIT_FAILED',
  (remote: string, hasToken: boolean) =>
    `${remote} does not let this app in: ${hasToken ? 'it does not take the token in OVERWINTER_GIT_TOKEN' : 'there is no token in OVERWINTER_GIT_TOKEN'}.`,
  () =>
    "Make a token that may read and write the repository's contents, set OVERWINTER_GIT_TOKEN to it, and run 'overwinter status'.",
);

export const revisionNotFound = problem(
  'REVISION_NOT_FOUND',
  (revision: string) => `There is no commit '${revision}' in this repository.`,
  () => "'git log --oneline -- backups' shows the commits that carry backups.",
);

export const pushRefused = problem(
  'PUSH_REFUSED',
  (branch: string, remote: string, tries: number) =>
    `${remote} did not take the backup for the branch ${branch} (${tries} ${tries === 1 ? 'try' : 'tries'}).`,
  (branch, remote) =>
    `Nothing was overwritten. 'git push --dry-run ${remote} HEAD:${branch}' shows whether this machine may push there.`,
);

export const pullFailed = problem(
  'PULL_FAILED',
  (origin: string, what: string) => `The data could not be brought from ${origin}: ${what}.`,
  () =>
    "Nothing was pushed. See that the app runs, that OVERWINTER_TOKEN is the token it takes, and what it says of itself: 'overwinter status' there.",
);

export const tableUnknown = problem(
  'USAGE',
  (table: string, _there: string) => `There is no table '${table}'.`,
  (_table, there) => `The tables are: ${there}.`,
);

export const rowsReferenced = problem(
  'ROWS_REFERENCED',
  (tables: string, _children: string) => `Rows elsewhere point to rows in ${tables}: nothing was removed.`,
  (tables, children) =>
    `Empty those tables with it: 'overwinter clear ${tables.replaceAll(',', '')} ${children || 'OTHER'}'.`,
);

export const notConfirmed = problem(
  'NOT_CONFIRMED',
  (tables: string) => `Nothing was removed from ${tables}: it was not confirmed.`,
  (tables) => `Type the database's name when asked; without a terminal, 'overwinter clear ${tables} --yes'.`,
);

export const commandNotStarted = problem(
  'COMMAND_NOT_STARTED',
  (command: string) => `'${command}' could not be started.`,
  (command) =>
    `'which ${command}' shows whether it is there; the command stands after the dashes: 'overwinter run -- npm start'.`,
);

export const databaseInMemory = problem(
  'USAGE',
  () => 'A database in memory has no file that could be kept.',
  () => "Open one with a file: new Database('data/app.db').",
);

export const snapshotFailed = problem(
  'DATABASE_FAILED',
  () => 'No snapshot could be taken.',
  () => "'overwinter snapshot' shows what stands in the way.",
);

export const helperEnded = problem(
  'DATABASE_FAILED',
  () => 'The process that works for the panel ended before it was done.',
  () => "What was whole is whole; 'overwinter status' shows how things are. Then try it again.",
);

export const panelUnguarded = problem(
  'CONFIG_INVALID',
  (what: string) => `The panel cannot be mounted: ${what}.`,
  () => "Give createPanel() an 'authorize' that says who may do what, or a 'token' of 24 characters or more.",
);

export const releaseNeeded = problem(
  'DATABASE_LOCKED',
  () => 'The app has the database open, and this panel was not told how to close it.',
  () =>
    "Give createPanel() a 'withDatabaseClosed', or stop the app and use the command line: 'overwinter restore latest'.",
);

/** A team has so many; a manifest of somebody's may have a million. */
const MOST_NAMED = 20;

export const wrongKey = problem(
  'WRONG_KEY',
  (recipients: readonly string[], passphrase: boolean, identities: number) => {
    const more = recipients.length - MOST_NAMED;
    const named = more > 0 ? `${recipients.slice(0, MOST_NAMED).join(', ')} and ${more} more` : recipients.join(', ');
    const whom = `${named}${passphrase ? ' (the last with a passphrase)' : ''}`;
    const none = identities === 0 ? 'there is no identity here' : `none of the ${identities} identities here opens it`;
    return `The backup is encrypted to ${whom}, and ${none}.`;
  },
  (_recipients, passphrase) =>
    `Set OVERWINTER_IDENTITY to the secret key, or OVERWINTER_IDENTITY_FILE to a file with it${passphrase ? ', or OVERWINTER_PASSPHRASE' : ''}; 'overwinter keys check' shows which backups it opens.`,
);

export const identitiesUnreadable = problem(
  'WRONG_KEY',
  (where: string, what: string) => `The identities in ${where} ${what}.`,
  () => "Each line must be an AGE-SECRET-KEY-1…, as 'overwinter keys new' writes it.",
);

export const passphraseMissing = problem(
  'WRONG_KEY',
  () => 'Backups are to be encrypted with a passphrase, and there is none here.',
  () => "Set OVERWINTER_PASSPHRASE in the environment, and run it again: 'overwinter backup'.",
);

export const encryptionOff = problem(
  'ENCRYPTION_OFF',
  (where: string) =>
    `The newest backup in ${where} is encrypted, and nothing says whom to encrypt this one to: none was written.`,
  () =>
    "Put encrypt: { recipients: ['age1…'] } into overwinter.config.ts, or encrypt: false if plain backups are meant; then 'overwinter backup'.",
);

export const plainFromElsewhere = problem(
  'ENCRYPTION_OFF',
  (name: string, where: string) =>
    `The backup ${name} is not encrypted, and those for ${where} are: it was not brought there.`,
  () =>
    "Give whoever makes it the same encrypt: { recipients: ['age1…'] } in overwinter.config.ts, or say encrypt: false if plain backups are meant; then 'overwinter backup'.",
);

export const encryptNotConfigured = problem(
  'USAGE',
  () => 'Nothing says whom to encrypt the backups to.',
  () =>
    "'overwinter keys new' makes a key and prints the line for overwinter.config.ts: encrypt: { recipients: ['age1…'] }.",
);
