import { codeOf } from '../../core/system-error.ts';

/** What each column says, as text, in order; null is NULL. */
export type Row = readonly (string | null)[];

/**
 * One session with a database: what is begun in it goes on until it is ended or closed. It throws what the driver throws, whose `code` is
 * the server's own (SQLSTATE), and never the address. One question at a time.
 */
export interface Session {
  /** One or several statements; the rows of the last of them. */
  query(sql: string): Promise<readonly Row[]>;
  /** A statement that ends in `TO STDOUT`. The bytes as they come; they need not end where a line does. */
  copyOut(sql: string): AsyncIterable<Uint8Array>;
  /** A statement that ends in `FROM STDIN`, or in that and options. */
  copyIn(sql: string, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** Lets go of everything, also of a transaction that is open. More than once does nothing. */
  close(): Promise<void>;
}

/** Begins a session. Throws what `connectProblem` makes of it. */
export type Connect = () => Promise<Session>;

/** Whether a package is not installed, and not broken otherwise. */
export const isNotInstalled = (error: unknown): boolean =>
  ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(codeOf(error));
