import type { AllowShrink } from '../operations/guard.ts';

export const ALLOW_SHRINK = '--allow-shrink [table]';

/** Without a table everything may be lost; with one, again and again, rows of these tables only. */
export function allowShrink(table: string | true, before: AllowShrink | undefined): AllowShrink {
  if (table === true || before === true) return true;
  return Array.isArray(before) ? [...before, table] : [table];
}
