import { OverwinterError, reasonOf } from '../../core/errors.ts';
import { databaseMissing } from '../../core/problems/database.ts';
import { duckdbFailed, heldElsewhere, notADuckdb } from '../../core/problems/duckdb.ts';
import { diskFull, notReadable, notWritable } from '../../core/problems/machine.ts';
import { isSystemError } from '../../core/system-error.ts';
import { writeProblem } from '../../core/write-problem.ts';

/** DuckDB's own words for what went wrong, put into ours: it has no codes. */
export function duckdbProblem(label: string, error: unknown): OverwinterError {
  if (error instanceof OverwinterError) return error;
  const words = reasonOf(error);
  if (/could not set lock/i.test(words)) return heldElsewhere(label, holderIn(words))(error);
  if (/database does not exist/i.test(words)) return databaseMissing(label, undefined)(error);
  if (/No space left|disk quota|file too large/i.test(words)) return diskFull(label)(error);
  if (/permission denied/i.test(words)) return notReadable(label, 'EACCES')(error);
  if (/read-only file system/i.test(words)) return notWritable(label, 'EROFS')(error);
  if (DAMAGED.test(words)) return notADuckdb(label, firstLine(words))(error);
  if (isSystemError(error)) {
    const ofWriting = writeProblem(label, error);
    if (ofWriting instanceof OverwinterError) return ofWriting;
  }
  return duckdbFailed(label, firstLine(words))(error);
}

const DAMAGED =
  /not a valid DuckDB database|corrupt|checksum|serialization error|encrypted|storage version|Failed to (load|replay)|Failure while replaying/i;

/** `node (process 4711)`: DuckDB names the program and its number. */
function holderIn(words: string): string {
  const [, program = '', pid = ''] = /held in (.*?)\s*\(PID (\d+)\)/.exec(words) ?? [];
  if (pid === '') return 'another process';
  const name = program.split(/[\\/]/).at(-1) ?? '';
  return `${name === '' ? 'a process' : name} (process ${pid})`;
}

/** Behind its first line DuckDB shows the statement. */
export const firstLine = (words: string) =>
  (words.split('\n')[0] ?? '').replace(/ See also https?:\S+$/, '').replace(/[.\s]+$/, '');
