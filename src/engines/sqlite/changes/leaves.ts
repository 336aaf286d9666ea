import type { Pages } from './scan-pages.ts';

/** A page with rows of a table: their keys lie between the first and the last. */
export interface Leaf {
  readonly page: number;
  readonly first: bigint;
  readonly last: bigint;
}

export interface FoundLeaf extends Leaf {
  /** Other pages, on which its long rows go on. */
  readonly further: readonly number[];
}

/** No tree of SQLite's is deeper. */
const DEEPEST = 20;

/** A file's own pages decide where a walk leads, and damaged ones may lead round in circles. */
class Unexpected extends Error {}

/**
 * The leaves of a table with a rowid, in the order of their keys. Undefined where anything is not as SQLite writes it: then nobody can
 * say what has changed.
 */
export function leavesOf(pages: Pages, root: number): FoundLeaf[] | undefined {
  const leaves: FoundLeaf[] = [];
  const seen = new Set<number>();
  let last: bigint | undefined;
  const claim = (page: number) => {
    if (page < 2 || page > pages.count || seen.has(page)) throw new Unexpected();
    seen.add(page);
  };
  const add = (page: number) => {
    const ends = pages.ends(page);
    if (ends === undefined) {
      // Only a table without rows has a page without rows.
      if (page === root) return;
      throw new Unexpected();
    }
    if (ends.first > ends.last || (last !== undefined && ends.first <= last)) throw new Unexpected();
    last = ends.last;
    const further: number[] = [];
    for (const begin of pages.overflows(page)) {
      for (let at = begin; ; at = pages.following(at)) {
        claim(at);
        further.push(at);
        if (pages.following(at) === 0) break;
      }
    }
    leaves.push({ page, further, ...ends });
  };
  const walk = (page: number, depth: number) => {
    claim(page);
    if (pages.isLeaf(page)) {
      add(page);
      return;
    }
    const children = pages.children(page);
    if (children === undefined || depth > DEEPEST) throw new Unexpected();
    for (const child of children) walk(child, depth + 1);
  };
  try {
    walk(root, 0);
    return leaves;
  } catch (error) {
    if (error instanceof Unexpected) return undefined;
    throw error;
  }
}
