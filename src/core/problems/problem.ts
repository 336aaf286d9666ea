import { type ErrorCode, OverwinterError } from '../errors.ts';
import type { Hint } from '../hint.ts';

/**
 * Every sentence Overwinter says when something fails stands in this folder: what happened, and the command to run next. A problem
 * is given its words, and then its cause. `tables` are those that it is about, for whoever may allow it.
 */
export const problem =
  <A extends unknown[]>(
    code: ErrorCode,
    sentence: (...args: A) => string,
    hint: (...args: A) => Hint,
    tables?: (...args: A) => readonly string[],
  ) =>
  (...args: A) =>
  (cause?: unknown) =>
    new OverwinterError(code, sentence(...args), hint(...args), cause, tables?.(...args));
