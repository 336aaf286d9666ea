import type { ErrorCode } from '../errors.ts';
import { hint, hintText, overwinter } from '../hint.ts';
import { count, moment, SPANS } from '../words.ts';
import type { Alarm, Subject } from './alarm.ts';

/**
 * What an alarm says to people. Its sentences stand here and nowhere else: an error's own sentence may hold a path, a table or what a server
 * said, and an alarm goes to a phone, a channel and a mailbox.
 */
const REASONS: Partial<Record<ErrorCode, string>> = {
  BACKUP_EMPTY: 'the database holds no rows any more, so the backups there are were left alone',
  BACKUP_SHRUNK: 'more rows are gone than may be, so the backups there are were left alone',
  ANOTHER_DATABASE: 'the backups there are of another database',
  HELD: 'restoring failed before, and until that succeeds no backup is written',
  DATABASE_MISSING: 'the database is not there',
  DATABASE_CORRUPT: 'the database is damaged',
  DATABASE_NOT_SQLITE: 'the database is no SQLite database',
  DATABASE_LOCKED: 'the database stays locked',
  DATABASE_UNREACHABLE: 'the database cannot be reached',
  DATABASE_REFUSED: 'the database lets nobody in',
  DISK_FULL: 'there is no space left',
  NOT_WRITABLE: 'it cannot be written',
  NOT_READABLE: 'something cannot be read',
  NO_BACKUP: 'there is no backup',
  BACKUP_DAMAGED: 'the backup is damaged',
  BACKUP_STALE: 'the newest backup is too old',
  VERIFY_FAILED: 'the restore drill failed',
  RESTORE_INEXACT: 'what was restored differs from what was saved',
  WRONG_KEY: 'no key here opens the backup',
  ENCRYPTION_OFF: 'it would have been plain, and the backups there are encrypted',
  PUBLIC_REMOTE: 'everybody can read the repository',
  GIT_FAILED: 'git failed',
  PUSH_REFUSED: 'the push was refused',
  PULL_FAILED: 'the running app did not give its data',
  CONFIG_INVALID: 'the configuration is wrong',
};

const NOUNS: Readonly<Record<Subject, string>> = {
  backup: 'backup',
  copy: 'copy of the backups',
  verify: 'restore drill',
  boot: 'restore at the start',
};

/** One line. */
export function titleOf(alarm: Alarm): string {
  const { project, database, event } = alarm;
  const of = project === database ? database : `${project}/${database}`;
  if (event === 'test') return `${project}: test`;
  return `${of}: ${NOUNS[alarm.subject]} ${HAPPENED[event]}`;
}

const HAPPENED: Readonly<Record<Exclude<Alarm['event'], 'test'>, string>> = {
  failure: 'failed',
  stale: 'is out of date',
  recovery: 'works again',
  success: 'succeeded',
  started: 'begins',
};

/** A few sentences. */
export function textOf(alarm: Alarm): string {
  const { event, subject, project, database, environment, store, code, since, time } = alarm;
  if (event === 'test') return `This is a test: alarms of ${project} (${environment}) arrive here.`;
  const where = store === undefined ? '' : ` in ${store}`;
  const what = `The ${NOUNS[subject]}${where} of ${database} (${project}, ${environment})`;
  const helps = hintText(hint`${overwinter('status')} there says what helps.`);
  switch (event) {
    case 'failure':
      return `${what} failed${because(code)}. ${helps}`;
    case 'stale':
      return `${what} is out of date${code === undefined ? `: the last that is known of was ${ago(since, time)}` : because(code)}. ${helps}`;
    case 'recovery':
      return `${what} works again${since === undefined ? '' : `; it did not since ${moment(since)} UTC`}.`;
    default:
      return `${what} ${HAPPENED[event]}.`;
  }
}

function because(code: string | undefined): string {
  if (code === undefined) return '';
  const reason = Object.entries(REASONS).find(([each]) => each === code)?.[1];
  return reason === undefined ? ` (${code})` : `: ${reason} (${code})`;
}

function ago(since: string | undefined, time: string): string {
  const seconds = (Date.parse(time) - Date.parse(since ?? time)) / 1000;
  const [span, unit] = SPANS.find(([each]) => seconds >= each) ?? [60, 'minute'];
  return `${count(Math.max(1, Math.floor(seconds / span)), unit)} ago`;
}

/** What is amiss, as the beginning of a sentence. */
export function amissInWords(of: {
  readonly subject: Subject;
  readonly database: string;
  readonly store: string | undefined;
  readonly state: 'failing' | 'stale';
}): string {
  const where = of.store === undefined ? '' : ` in ${of.store}`;
  return `the ${NOUNS[of.subject]}${where} of ${of.database} ${of.state === 'failing' ? 'fails' : 'is out of date'}`;
}
