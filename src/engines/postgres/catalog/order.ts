import { rankOf } from './kinds.ts';

/** A definition, and what must be there before it, by key. */
export interface Item {
  readonly key: string;
  readonly type: string;
  readonly name: string;
  readonly table: string;
  readonly sql: string;
}

export type NeedsOf = (item: Item) => readonly Item[];

/**
 * The order in which everything can be made: one kind after the other, as far as nothing needs what comes later, and what does then comes
 * right behind it. It follows from names and needs alone, so that the same database has the same order whatever was made first. `circle` is
 * called where there is none.
 */
export function inOrder(items: readonly Item[], needsOf: NeedsOf, circle: (item: Item) => never): Item[] {
  const stepOf = steps(needsOf, circle);
  const byStep = (a: Item, b: Item) => stepOf(a) - stepOf(b) || byName(a, b);
  const done = new Set<Item>();
  const visit = (item: Item) => {
    if (done.has(item)) return;
    for (const need of [...needsOf(item)].sort(byStep)) visit(need);
    done.add(item);
  };
  for (const item of [...items].sort(byStep)) visit(item);
  return [...done];
}

/** With what kind each can be made: its own, or the latest of what it needs. */
export function steps(needsOf: NeedsOf, circle: (item: Item) => never): (item: Item) => number {
  const known = new Map<Item, number>();
  const under = new Set<Item>();
  const stepOf = (item: Item): number => {
    const before = known.get(item);
    if (before !== undefined) return before;
    if (under.has(item)) return circle(item);
    under.add(item);
    const step = Math.max(rankOf(item.type), ...needsOf(item).map(stepOf));
    under.delete(item);
    known.set(item, step);
    return step;
  };
  return stepOf;
}

const byName = (a: Item, b: Item): number =>
  rankOf(a.type) - rankOf(b.type) || compare(a.table, b.table) || compare(a.name, b.name) || compare(a.sql, b.sql);

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
