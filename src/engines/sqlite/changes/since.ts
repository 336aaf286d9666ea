import type { Moment } from '../moment.ts';
import type { Table } from '../schema.ts';
import { countOf, type TableSize } from '../table-rows.ts';
import { bytesOf } from './bytes.ts';
import { type Notes, readNotes, type TableNotes } from './notes.ts';
import { scanPages } from './scan-pages.ts';
import { type Trees, treesIn } from './trees.ts';

/** What was noted of a reading before, and the pages as they are now. */
export interface Since {
  readonly noted: ReadonlyMap<string, TableNotes>;
  readonly trees: Trees;
  /** What else would be asked of SQLite, a page at a time; undefined for a table that was not noted, and where anything is not as it should be. */
  sizeOf(table: Table): TableSize | undefined;
}

/**
 * Goes over the pages of a database of which something was noted. Undefined where that says nothing of this one: it is small or very large,
 * or has pages of another size. It never throws: who does not know what has changed reads everything.
 */
export async function pagesSince(moment: Moment, before: Uint8Array): Promise<Since | undefined> {
  try {
    const notes = moment.isFollowed ? readNotes(before) : undefined;
    return notes && (await since(moment, notes));
  } catch {
    return undefined;
  }
}

async function since(moment: Moment, { pages: then, tables }: Notes): Promise<Since | undefined> {
  const pages = await bytesOf(moment, (bytes) => scanPages(bytes, then));
  if (pages === undefined || pages.size !== then.size || pages.usable !== then.usable) return undefined;
  const noted = new Map(tables.map((each) => [each.name, each]));
  const trees = treesIn(moment.db, pages);
  return {
    noted,
    trees,
    sizeOf({ name, rowid, keepsRowid }) {
      if (!noted.has(name) || rowid === undefined || !keepsRowid) return undefined;
      const rows = countOf(moment.db, { name });
      const leaves = trees.leaves(name, rows);
      return leaves && { rows, widest: leaves.widest, bytes: leaves.pages * pages.size };
    },
  };
}
