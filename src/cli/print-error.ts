import { OverwinterError, type Problem, problemOf } from '../core/errors.ts';
import { commandsOf, DEBUG, hint, hintText } from '../core/hint.ts';
import { withoutSecrets } from '../core/secrets.ts';
import { printableLine } from '../core/visible.ts';
import type { Output } from './output.ts';

const FAULT = hint`This is a fault of Overwinter's; ${DEBUG} shows where.`;

/** What went wrong, for programs: what to do next in words, and its commands as they are typed. */
export const problemDocument = ({ code, message, hintPieces }: Pick<Problem, 'code' | 'message' | 'hintPieces'>) => ({
  code,
  message,
  hint: hintText(hintPieces),
  commands: commandsOf(hintPieces),
});

/** An error as the one document of a call with `--json`, or of a database in it. */
export function errorDocument(error: unknown) {
  const { code, message, hintPieces } = problemOf(error);
  const isOurs = error instanceof OverwinterError;
  return {
    error: problemDocument({ code, message: withoutSecrets(message), hintPieces: isOurs ? hintPieces : FAULT }),
  };
}

/** The same for people: what happened, and the command to run next. */
export function errorLines(error: unknown, { paint }: Pick<Output, 'paint'>): string {
  const { code, message, hint } = errorDocument(error).error;
  const next = hint === '' ? '' : `${paint.bold('Try:')}   ${hint}\n`;
  return `${paint.red('Error:')} ${printableLine(message)} ${paint.dim(`(${code})`)}\n${next}`;
}
