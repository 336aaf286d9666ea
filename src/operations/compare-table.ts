import { type RowChange, rowMatcher, type Stretch, unsharedStretches } from '../core/diff.ts';
import { JsonSyntaxError } from '../core/json.ts';
import type { Content, TableData } from '../core/manifest.ts';
import { backupDamaged } from '../core/problems/backups.ts';
import type { ReadableStore } from '../stores/store.ts';
import { readSlices } from './read-parts.ts';

export interface TableDiff {
  readonly table: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** The first of the changed rows; the counts are of all. */
  readonly rows: readonly RowChange[];
}

/** What was saved, and where its parts are. */
export interface Contents {
  readonly content: Content;
  readonly store: ReadableStore;
}

/** How the rows of one table differ between two sides. Parts that both share are not read. Throws BACKUP_DAMAGED. */
export async function compareTable(
  table: string,
  before: Contents,
  after: Contents,
  key: readonly string[],
  rowsToShow: number,
): Promise<TableDiff> {
  const none: TableData = { rows: [] };
  const counts = { added: 0, changed: 0, removed: 0 };
  const rows: RowChange[] = [];
  const stretches = unsharedStretches(before.content.data.get(table) ?? none, after.content.data.get(table) ?? none);
  const matcher = rowMatcher(key, (change) => {
    counts[change.kind]++;
    if (rows.length < rowsToShow) rows.push(change);
  });
  // One matcher for all stretches: a row can move from one to another when its number changes.
  try {
    for (const stretch of stretches) await match(stretch, before.store, after.store, matcher);
    matcher.finish();
  } catch (error) {
    // What the database itself gives is JSON, so it came out of a backup.
    if (error instanceof JsonSyntaxError)
      throw backupDamaged(`The table '${table}' of a backup`, `holds a row that is none (${error.message})`)(error);
    throw error;
  }
  return { table, ...counts, rows };
}

async function match(
  stretch: Stretch,
  beforeStore: ReadableStore,
  afterStore: ReadableStore,
  matcher: ReturnType<typeof rowMatcher>,
): Promise<void> {
  const sides = [
    { side: 'before' as const, slices: readSlices(beforeStore, stretch.before) },
    { side: 'after' as const, slices: readSlices(afterStore, stretch.after) },
  ];
  try {
    for (let open = sides; open.length > 0; ) {
      const still: typeof sides = [];
      for (const each of open) {
        const { value, done } = await each.slices.next();
        if (done) continue;
        for (const line of Buffer.from(value).toString('utf8').split('\n'))
          if (line !== '') matcher.take(each.side, line);
        still.push(each);
      }
      open = still;
    }
  } finally {
    for (const { slices } of sides) await slices.return(undefined);
  }
}
