import type { Db } from '../open.ts';
import { type FoundLeaves, leavesOf } from './leaves.ts';
import type { Pages } from './scan-pages.ts';

/** The trees of tables in a database's pages. */
export interface Trees {
  readonly pages: Pages;
  /** Those of a table that has so many rows; undefined where anything is not as SQLite writes it. */
  leaves(table: string, rows: number): FoundLeaves | undefined;
}

interface Root {
  readonly name: string;
  readonly rootpage: number;
}

/** What is asked of it later needs no connection. */
export function treesIn(db: Db, pages: Pages): Trees {
  const all = db.prepare<[], Root>("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'").all();
  const roots = new Map(all.map(({ name, rootpage }) => [name, Number(rootpage)]));
  const found = new Map<string, FoundLeaves | undefined>();
  return {
    pages,
    leaves(table, rows) {
      if (!found.has(table)) found.set(table, leavesOf(pages, roots.get(table) ?? 0));
      const leaves = found.get(table);
      // SQLite's own count: whatever was misread, it was not all of the table.
      return leaves?.rows === rows ? leaves : undefined;
    },
  };
}
