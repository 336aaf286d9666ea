import { isAfterRows, KINDS } from './kinds.ts';

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
 * The order in which everything can be made: first all that rows need, then what is made when they are there. It follows from
 * names alone, so that the same database has the same order whatever was made first. `circle` is called where there is none.
 */
export function inOrder(items: readonly Item[], needsOf: NeedsOf, circle: (item: Item) => never): Item[] {
  const sorted = [...items].sort(byName);
  const isLate = lateness(needsOf);
  const early = new Map(sorted.map((item) => [item, !isLate(item)]));
  const done = new Set<Item>();
  const under = new Set<Item>();
  const visit = (item: Item) => {
    if (done.has(item)) return;
    if (under.has(item)) circle(item);
    under.add(item);
    for (const need of [...needsOf(item)].sort(byName)) visit(need);
    under.delete(item);
    done.add(item);
  };
  for (const item of sorted) if (early.get(item)) visit(item);
  for (const item of sorted) visit(item);
  return [...done];
}

/** Whether something is made when the rows are there, or needs what is. */
export function lateness(needsOf: NeedsOf): (item: Item) => boolean {
  const known = new Map<Item, boolean>();
  const isLate = (item: Item): boolean => {
    const before = known.get(item);
    if (before !== undefined) return before;
    // A circle is found out later.
    known.set(item, isAfterRows(item.type));
    const late = isAfterRows(item.type) || needsOf(item).some(isLate);
    known.set(item, late);
    return late;
  };
  return isLate;
}

const RANKS = new Map(KINDS.map((kind, at) => [kind, at]));
const rankOf = ({ type }: Item) => RANKS.get(type) ?? KINDS.length;

const byName = (a: Item, b: Item): number =>
  rankOf(a) - rankOf(b) || compare(a.table, b.table) || compare(a.name, b.name) || compare(a.sql, b.sql);

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
