import { isBefore, isInOrder, type KeyEnds, NUMBERS } from './key-ends.ts';
import { hashTogether, type Pages } from './scan-pages.ts';

/** The pages with rows of a table, in the order of their keys. */
export interface Leaves {
  readonly count: number;
  /** By leaf: all its keys lie between these two. */
  readonly ends: KeyEnds;
  /** By leaf, four numbers: where they are the same, it holds the same rows, wherever it lies. */
  readonly hashes: Int32Array;
}

export interface FoundLeaves extends Leaves {
  readonly rows: number;
  /** Of the largest row. */
  readonly widest: number;
  /** All pages of the tree, with those on which long rows go on. */
  readonly pages: number;
}

/** No tree of SQLite's is deeper. */
const DEEPEST = 20;

/** A file's own pages decide where a walk leads, and damaged ones may lead round in circles. */
class Unexpected extends Error {}

/**
 * The leaves of a table with a rowid, in the order of their keys. Undefined where anything is not as SQLite writes it: then nobody can
 * say what has changed.
 */
export function leavesOf(pages: Pages, root: number): FoundLeaves | undefined {
  const found: number[] = [];
  const seen = new Uint8Array(pages.count + 1);
  const together = new Map<number, Int32Array>();
  let rows = 0;
  let widest = 0;
  let claimed = 0;
  const claim = (page: number) => {
    if (page < 2 || page > pages.count || seen[page] === 1) throw new Unexpected();
    seen[page] = 1;
    claimed++;
  };
  const add = (page: number) => {
    const count = pages.rows(page);
    if (count === 0) {
      // Only a table without rows has a page without rows.
      if (page === root) return;
      throw new Unexpected();
    }
    const last = found.at(-1);
    if (!isInOrder(pages.ends, page) || (last !== undefined && !isBefore(pages.ends, last, pages.ends, page)))
      throw new Unexpected();
    const goingOn: number[] = [];
    for (const begin of pages.overflows(page)) {
      for (let at = begin; ; at = pages.following(at)) {
        claim(at);
        goingOn.push(at);
        if (pages.following(at) === 0) break;
      }
    }
    if (goingOn.length > 0) together.set(page, hashTogether(pages, page, goingOn));
    rows += count;
    widest = Math.max(widest, pages.widths[page] ?? 0);
    found.push(page);
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
    return { ...leavesAt(pages, found, together), rows, widest, pages: claimed };
  } catch (error) {
    if (error instanceof Unexpected) return undefined;
    throw error;
  }
}

function leavesAt(pages: Pages, found: readonly number[], together: ReadonlyMap<number, Int32Array>): Leaves {
  const ends = new Int32Array(found.length * NUMBERS);
  const hashes = new Int32Array(found.length * NUMBERS);
  for (const [at, page] of found.entries()) {
    const [from, to] = [page * NUMBERS, (page + 1) * NUMBERS];
    ends.set(pages.ends.subarray(from, to), at * NUMBERS);
    hashes.set(together.get(page) ?? pages.hashes.subarray(from, to), at * NUMBERS);
  }
  return { count: found.length, ends, hashes };
}
