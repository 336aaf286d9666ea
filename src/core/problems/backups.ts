/** A backup or a snapshot is not there, or not whole. */
import { BACKUPS, forTerminal, git, given, hint, inTurn, overwinter, program } from '../hint.ts';
import { count } from '../words.ts';
import { problem } from './problem.ts';

const COMMITTED_OR_NEW = given(
  'committed',
  hint`${git('checkout', '--', BACKUPS)} brings back what was committed`,
  given(
    'database',
    hint`${overwinter('backup')} makes a new one of what the database holds`,
    hint`no commit has it, and there is no database a new one could be made of`,
  ),
);

export const noBackup = problem(
  'NO_BACKUP',
  (where: string) => `There is no backup in ${where}.`,
  () => [
    given(
      'database',
      hint`Make the first one with ${overwinter('backup')}.`,
      hint`No database is there either: start the app, which makes it, or name it with --db.`,
    ),
  ],
);

export const noBackupButBelow = problem(
  'NO_BACKUP',
  (where: string, folders: string, _first: string, _start: string) =>
    `There is no backup in ${where}; projects of their own have theirs in ${folders}.`,
  (_where, _folders, first, start) => [
    ...hint`Go there: ${inTurn(program('cd', first), { calls: [{ own: 'list', args: [], start }] })}. `,
    given(
      'database',
      hint`To make the first one of what is here: ${overwinter('backup')}.`,
      hint`If this folder is to have one as well: ${overwinter('init', '--db', 'data/app.db')}.`,
    ),
  ],
);

export const noBackupAsOf = problem(
  'NO_BACKUP',
  (when: string, where: string) => `There is no backup of ${when} UTC or before in ${where}.`,
  () =>
    hint`${overwinter('list')} shows the oldest; what was removed since is in ${overwinter('list', '--history')}, and ${overwinter('restore', 'NAME', '--at', 'COMMIT')} brings it back.`,
);

export const noIntactBackup = problem(
  'BACKUP_DAMAGED',
  (where: string, tried: number) =>
    tried === 1 ? `The one backup in ${where} is not intact.` : `None of the ${tried} backups in ${where} is intact.`,
  () => hint`${overwinter('verify', '--all')} names the damage, and heals what git still has; ${COMMITTED_OR_NEW}.`,
);

export const backupNotFound = problem(
  'BACKUP_NOT_FOUND',
  (name: string, where: string) => `There is no backup named '${name}' in ${where}.`,
  () =>
    hint`${overwinter('list')} shows the names; ${overwinter('list', '--history')} also those that were removed since.`,
);

export const noSnapshot = problem(
  'NO_SNAPSHOT',
  (db: string) => `There is no snapshot of ${db}.`,
  () => [
    given(
      'database',
      hint`${overwinter('snapshot')} takes one; ${overwinter('list')} shows the backups.`,
      given(
        'saved',
        hint`No database is there either: ${overwinter('restore', 'latest')} brings it back from the newest backup.`,
        hint`No database and no backup is there either: start the app, which makes it, or name it with --db.`,
      ),
    ),
  ],
);

export const snapshotNotFound = problem(
  'NO_SNAPSHOT',
  (id: string, db: string, _newest: string) => `There is no snapshot '${id}' of ${db}.`,
  (_id, _db, newest) => hint`${overwinter('snapshots')} lists them; the newest is ${newest}.`,
);

export const backupDamaged = problem(
  'BACKUP_DAMAGED',
  (file: string, what: string) => `${file} ${what}.`,
  () =>
    hint`${forTerminal(hint`${overwinter('restore', 'latest')} uses the newest intact backup`, 'find an intact one')}; ${COMMITTED_OR_NEW}.`,
);

export const ownBackupsDamaged = problem(
  'BACKUP_DAMAGED',
  (environment: string, where: string, other: string) =>
    `Backups that are or may be of the environment '${environment}' are damaged in ${where}, and those of '${other}' are not its data.`,
  (_environment, _where, other) =>
    hint`${given('committed', hint`${git('checkout', '--', BACKUPS)} brings back what was committed. `, [])}To start with the other data all the same: ${overwinter('auto-restore', '--from', other)}.`,
);

export const backupTooNew = problem(
  'BACKUP_TOO_NEW',
  (file: string, format: number) => `${file} is of format ${format}, which this version does not know.`,
  () => hint`Update with ${program('npm', 'install', 'overwinter@latest')}.`,
);

export const databaseTypeUnknown = problem(
  'BACKUP_TOO_NEW',
  (file: string, type: string) =>
    `${file} is a backup of a database of type '${type}', which this version does not know.`,
  () => hint`Update with ${program('npm', 'install', 'overwinter@latest')}.`,
);

export const backupStale = problem(
  'BACKUP_STALE',
  (environment: string, found: string) => `The newest backup of ${environment} ${found}.`,
  (environment) =>
    hint`See that the app in ${environment} still saves: ${overwinter('status')} there; ${overwinter('list')} shows what has come in.`,
);

export const verifyFailed = problem(
  'VERIFY_FAILED',
  (failed: number, of: number) =>
    `${failed} of ${count(of, 'backup')} failed ${failed === 1 ? 'its' : 'their'} restore drill.`,
  () =>
    hint`${overwinter('backup')} makes a fresh one${given('committed', hint`; ${git('checkout', '--', BACKUPS)} brings back what was committed`, [])}.`,
);

export const notCheckedOut = problem(
  'NOT_READABLE',
  (folder: string, there: number) =>
    `${folder} holds no backup, and the last commit has ${there === 1 ? 'one' : there} in it.`,
  (folder) =>
    hint`Bring them back: ${git('checkout', 'HEAD', '--', folder)}. ${given('database', hint`If they are meant to be gone, ${overwinter('backup', '--allow-shrink')} begins anew.`, [])}`,
);
