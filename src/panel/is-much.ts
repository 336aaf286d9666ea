import type { Diff } from '../operations/diff.ts';

const MANY_ROWS = 100;
const HALF = 0.5;

type Weighed = { readonly kind: 'diff'; readonly diff: Diff } | { readonly kind: 'nothing-there' | 'unreadable' };

/** Whether much would be lost, so that a click alone is not enough: a hundred rows, half of a table, or a table itself. */
export function isMuch(plan: Weighed): boolean {
  if (plan.kind !== 'diff') return plan.kind === 'unreadable';
  const { tables, schema, files } = plan.diff;
  const replaced = tables.reduce((sum, { removed, changed }) => sum + removed + changed, 0) + (files?.removed ?? 0);
  const isHalved = tables.some(({ removed, rowsBefore }) => removed > 1 && removed > rowsBefore * HALF);
  return replaced >= MANY_ROWS || isHalved || schema.removed.some((each) => each.startsWith('table '));
}
