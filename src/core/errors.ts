import { type Hint, hintText, withTexts } from './hint.ts';
import { withoutSecrets } from './secrets.ts';
import { visible } from './visible.ts';

/**
 * Every way in which Overwinter can fail, and the exit code each has on the command line.
 * @example
 * ```ts
 * import { EXIT_CODES } from 'overwinter';
 * export const hasNothingYet = (exitCode: number) => exitCode === EXIT_CODES.NO_BACKUP;
 * ```
 */
export const EXIT_CODES = {
  USAGE: 2,
  CONFIG_INVALID: 2,
  NAME_INVALID: 2,
  ENGINE_MISSING: 1,
  DATABASE_MISSING: 1,
  DATABASE_NOT_A_FILE: 1,
  DATABASE_NOT_SQLITE: 1,
  DATABASE_CORRUPT: 1,
  DATABASE_FAILED: 1,
  DATABASE_LOCKED: 11,
  DATABASE_UNREACHABLE: 1,
  DATABASE_REFUSED: 1,
  DRIVER_NOT_BUILT: 1,
  PACKAGE_INCOMPLETE: 1,
  BUSY: 11,
  WRONG_KEY: 12,
  NO_BACKUP: 10,
  BACKUP_NOT_FOUND: 10,
  NO_SNAPSHOT: 10,
  BACKUP_DAMAGED: 3,
  BACKUP_TOO_NEW: 1,
  BACKUP_STALE: 3,
  VERIFY_FAILED: 3,
  RESTORE_INEXACT: 3,
  COLUMN_GONE: 1,
  TABLE_GONE: 1,
  IMPORT_UNREADABLE: 1,
  BACKUP_EMPTY: 4,
  BACKUP_SHRUNK: 4,
  ANOTHER_DATABASE: 4,
  HELD: 4,
  ENCRYPTION_OFF: 4,
  NAME_TAKEN: 4,
  DATABASE_EXISTS: 4,
  COPY_REFUSED: 4,
  NOT_CONFIRMED: 4,
  PUBLIC_REMOTE: 4,
  ROWS_REFERENCED: 4,
  ROWS_IN_CONFLICT: 4,
  NOT_OURS: 4,
  COMMAND_NOT_STARTED: 127,
  DISK_FULL: 1,
  NOT_WRITABLE: 1,
  NOT_READABLE: 1,
  GIT_FAILED: 1,
  REVISION_NOT_FOUND: 10,
  PUSH_REFUSED: 1,
  PULL_FAILED: 1,
  STORE_FAILED: 1,
} as const;

/**
 * The name of one way to fail.
 * @example
 * ```ts
 * import type { ErrorCode } from 'overwinter';
 * export const worthWaiting: readonly ErrorCode[] = ['BUSY', 'DATABASE_LOCKED'];
 * ```
 */
export type ErrorCode = keyof typeof EXIT_CODES;

/**
 * The one error class: a code, a sentence, a hint holding the command to run next, and the cause. Secrets are left out of its words, and characters
 * that would do something to a terminal are shown. `hint` is for whoever reads; `hintPieces` says the same with its commands apart, for whoever
 * shows them in another way.
 * @example
 * ```ts
 * import { autoRestore, OverwinterError } from 'overwinter';
 * try {
 *   await autoRestore({ db: 'data/app.db' });
 * } catch (error) {
 *   if (error instanceof OverwinterError) console.error(error.code, error.message, error.hint);
 *   throw error;
 * }
 * ```
 */
export class OverwinterError extends Error {
  override readonly name = 'OverwinterError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly hintPieces: Hint;
  /** Where rows were lost, the tables that lost them: what may be allowed. */
  readonly tables: readonly string[] | undefined;

  constructor(code: ErrorCode, message: string, hint: Hint, cause?: unknown, tables?: readonly string[]) {
    super(harmless(message), cause === undefined ? undefined : { cause });
    this.code = code;
    this.hintPieces = withTexts(hint, harmless);
    this.hint = hintText(this.hintPieces);
    this.tables = tables;
    // An error that nobody catches is printed with all that can be listed, and what it says is in its first lines.
    for (const key of ['hintPieces', 'tables']) Object.defineProperty(this, key, { enumerable: false });
  }
}

const harmless = (text: string) => visible(withoutSecrets(text));

export function exitCodeOf(error: unknown): number {
  return error instanceof OverwinterError ? EXIT_CODES[error.code] : 1;
}

/** The message of anything thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * What went wrong, as plain data: it crosses threads and goes into health reports.
 * @example
 * ```ts
 * import type { Problem } from 'overwinter';
 * export const line = ({ code, message, hint }: Problem) => `${code}: ${message} ${hint}`;
 * ```
 */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly hintPieces: Hint;
  /** Where rows were lost, the tables that lost them: what may be allowed. */
  readonly tables?: readonly string[];
}

/** The hint of anything thrown; what is not ours has none. */
export const hintOf = (error: unknown): Hint => (error instanceof OverwinterError ? error.hintPieces : []);

export function problemOf(error: unknown): Problem {
  const known = error instanceof OverwinterError;
  const tables = known && error.tables !== undefined ? { tables: error.tables } : {};
  return {
    code: known ? error.code : 'INTERNAL',
    message: reasonOf(error),
    ...inPieces(known ? error.hintPieces : []),
    ...tables,
  };
}

/** A hint as an error and a problem have it: to be read, and in pieces. */
export const inPieces = (pieces: Hint): Pick<Problem, 'hint' | 'hintPieces'> => ({
  hint: hintText(pieces),
  hintPieces: pieces,
});

/** The error that a problem was, on the other side of a thread or a process. One that is not ours stays what it was: a fault. */
export function errorOf({ code, message, hintPieces, tables }: Problem): Error {
  return isErrorCode(code) ? new OverwinterError(code, message, hintPieces, undefined, tables) : new Error(message);
}

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(EXIT_CODES, code);
