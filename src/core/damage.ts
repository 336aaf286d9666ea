import { type ErrorCode, OverwinterError } from './errors.ts';
import { JsonSyntaxError } from './json.ts';
import { isSystemError } from './system-error.ts';

/**
 * What an error says of the backup that was at work when it was thrown. `damage`: it was read, and is wrong or not there, so
 * another may be used instead. `hindrance`: something else stood in the way, so nobody knows what the backup holds, and nothing
 * may be decided about it. `other`: it is about something else, or the backup is not for this program or these keys.
 */
type Judgement = 'damage' | 'hindrance' | 'other';

const JUDGEMENTS: Readonly<Record<ErrorCode, Judgement>> = {
  BACKUP_DAMAGED: 'damage',
  BACKUP_NOT_FOUND: 'damage',
  RESTORE_INEXACT: 'damage',

  BUSY: 'hindrance',
  DATABASE_LOCKED: 'hindrance',
  DATABASE_REFUSED: 'hindrance',
  DATABASE_UNREACHABLE: 'hindrance',
  DISK_FULL: 'hindrance',
  DRIVER_NOT_BUILT: 'hindrance',
  ENGINE_MISSING: 'hindrance',
  GIT_FAILED: 'hindrance',
  NOT_OURS: 'hindrance',
  NOT_READABLE: 'hindrance',
  NOT_WRITABLE: 'hindrance',
  PACKAGE_INCOMPLETE: 'hindrance',
  PULL_FAILED: 'hindrance',
  PUSH_REFUSED: 'hindrance',
  STORE_FAILED: 'hindrance',

  ANOTHER_DATABASE: 'other',
  BACKUP_EMPTY: 'other',
  BACKUP_SHRUNK: 'other',
  BACKUP_STALE: 'other',
  BACKUP_TOO_NEW: 'other',
  COLUMN_GONE: 'other',
  COMMAND_NOT_STARTED: 'other',
  CONFIG_INVALID: 'other',
  COPY_REFUSED: 'other',
  DATABASE_CORRUPT: 'other',
  DATABASE_EXISTS: 'other',
  DATABASE_FAILED: 'other',
  DATABASE_MISSING: 'other',
  DATABASE_NOT_A_FILE: 'other',
  DATABASE_NOT_SQLITE: 'other',
  ENCRYPTION_OFF: 'other',
  HELD: 'other',
  IMPORT_UNREADABLE: 'other',
  NAME_INVALID: 'other',
  NAME_TAKEN: 'other',
  NOT_CONFIRMED: 'other',
  NO_BACKUP: 'other',
  NO_SNAPSHOT: 'other',
  PUBLIC_REMOTE: 'other',
  REVISION_NOT_FOUND: 'other',
  ROWS_IN_CONFLICT: 'other',
  ROWS_REFERENCED: 'other',
  TABLE_GONE: 'other',
  USAGE: 'other',
  VERIFY_FAILED: 'other',
  WRONG_KEY: 'other',
};

function judge(error: unknown): Judgement {
  if (error instanceof OverwinterError) return JUDGEMENTS[error.code];
  if (error instanceof JsonSyntaxError) return 'damage';
  return isSystemError(error) ? 'hindrance' : 'other';
}

export const isDamage = (error: unknown): boolean => judge(error) === 'damage';
export const isHindrance = (error: unknown): boolean => judge(error) === 'hindrance';

/** For a `catch` that passes over what is damaged, too new or shut: undefined for these. Throws what merely stood in the way. */
export function unlessHindered(error: unknown): undefined {
  if (isHindrance(error)) throw error;
  return undefined;
}
