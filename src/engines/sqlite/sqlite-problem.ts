import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { OverwinterError, reasonOf } from '../../core/errors.ts';
import { databaseCorrupt, databaseFailed, databaseLocked, databaseNotSqlite } from '../../core/problems/database.ts';
import { diskFull, notReadable, notWritable } from '../../core/problems/machine.ts';
import { readProblem } from '../../core/read-problem.ts';
import { codeOf, isSystemError } from '../../core/system-error.ts';
import { writeProblem } from '../../core/write-problem.ts';
import { isDamagedIndeed } from './damaged-indeed.ts';

/** SQLite's own words for what went wrong, put into ours. Damage is what was read: all else the system did is told apart from it. */
export function sqliteProblem(path: string, error: unknown): OverwinterError {
  if (error instanceof OverwinterError) return error;
  const code = codeOf(error);
  if (code === 'SQLITE_NOTADB') return databaseNotSqlite(path)(error);
  if (code === 'SQLITE_CORRUPT') return corruptProblem(path, error);
  // These are told of an index alone, by who has read it.
  if (code.startsWith('SQLITE_CORRUPT_')) return databaseCorrupt(path)(error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return databaseLocked(path)(error);
  const ofWriting = writingProblem(path, error);
  if (ofWriting !== undefined) return ofWriting;
  if (code.startsWith('SQLITE_IOERR') || code === 'SQLITE_NOMEM') return notReadable(path, code)(error);
  if (code.startsWith('SQLITE_CANTOPEN')) return notReadable(path, whyNotOpened(path))(error);
  const ofReading = readProblem(path, error);
  return ofReading instanceof OverwinterError ? ofReading : databaseFailed(path, reasonOf(error))(error);
}

/** Damage, where a second look finds it too. */
export function corruptProblem(path: string, error: unknown): OverwinterError {
  return isDamagedIndeed(path) ? databaseCorrupt(path)(error) : notReadable(path, 'EIO')(error);
}

/** The same for a file that is only there to be written, as a lock is. */
export function sqliteWriteProblem(path: string, error: unknown): unknown {
  if (error instanceof OverwinterError) return error;
  const code = codeOf(error);
  if (isSystemError(error)) return writeProblem(path, error);
  const reason = code.startsWith('SQLITE_CANTOPEN') ? whyNotOpened(path) : code;
  return writingProblem(path, error) ?? notWritable(path, reason)(error);
}

/** The same where `path` is copied to `target`: only that is written to, but for the index of a WAL. */
export function copyProblem(path: string, target: string, error: unknown): OverwinterError {
  if (error instanceof OverwinterError) return error;
  const ofTarget = codeOf(error) === 'SQLITE_IOERR_SHMSIZE' ? undefined : writingProblem(target, error);
  return ofTarget ?? sqliteProblem(path, error);
}

/** Whether an error is of the file or of the system, and not of what was asked. */
export const isOfTheFile = (error: unknown): boolean =>
  /^SQLITE_(CORRUPT|IOERR|NOMEM|CANTOPEN|FULL|BUSY|LOCKED)/.test(codeOf(error));

/** What can only go wrong in writing; undefined for all else. */
function writingProblem(path: string, error: unknown): OverwinterError | undefined {
  const code = codeOf(error);
  // A WAL's index that cannot grow is a full disk too.
  if (['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC'].includes(code)) return diskFull(path)(error);
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM') return notWritable(path, 'EROFS')(error);
  if (/^SQLITE_IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|DELETE|COMMIT_ATOMIC)$/.test(code))
    return notWritable(path, code)(error);
  return undefined;
}

/** SQLite does not tell what the system said, so the system is asked again, without opening a file that may be locked. */
function whyNotOpened(path: string): string {
  try {
    accessSync(path, constants.R_OK);
    closeSync(openSync('/dev/null', 'r'));
    return 'SQLITE_CANTOPEN';
  } catch (error) {
    return codeOf(error);
  }
}
