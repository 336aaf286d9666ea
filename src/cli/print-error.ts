import { OverwinterError, reasonOf } from '../core/errors.ts';
import { withoutSecrets } from '../core/secrets.ts';
import { printableLine } from '../core/visible.ts';
import type { Output } from './output.ts';

/** An error as the one document of a call with `--json`, or of a database in it. */
export function errorDocument(error: unknown) {
  const known = error instanceof OverwinterError;
  const hint = known ? error.hint : "This is a fault of Overwinter's; '--debug' shows where.";
  return { error: { code: known ? error.code : 'INTERNAL', message: withoutSecrets(reasonOf(error)), hint } };
}

/** The same for people: what happened, and the command to run next. */
export function errorLines(error: unknown, { paint }: Pick<Output, 'paint'>): string {
  const { code, message, hint } = errorDocument(error).error;
  const next = hint === '' ? '' : `${paint.bold('Try:')}   ${hint}\n`;
  return `${paint.red('Error:')} ${printableLine(message)} ${paint.dim(`(${code})`)}\n${next}`;
}
