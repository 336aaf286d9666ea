import { type RowChange, rowMatcher, type Stretch, unsharedStretches } from '../core/diff.ts';
import { JsonSyntaxError } from '../core/json.ts';
import { type Content, rowCount, type TableData } from '../core/manifest.ts';
import { backupDamaged } from '../core/problems/backups.ts';
import type { ReadableStore } from '../stores/store.ts';
import { readSlices } from './read-parts.ts';

export interface TableDiff {
  readonly table: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** How many rows the table had, and has. */
  readonly rowsBefore: number;
  readonly rowsAfter: number;
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
  keyOfLine: (line: string) => string,
  rowsToShow: number,
): Promise<TableDiff> {
  const none: TableData = { rows: [] };
  const counts = { added: 0, changed: 0, removed: 0 };
  const rows: RowChange[] = [];
  const [was, is] = [before.content.data.get(table) ?? none, after.content.data.get(table) ?? none];
  const stretches = unsharedStretches(was, is);
  const matcher = rowMatcher(keyOfLine, (change) => {
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
  return { table, ...counts, rowsBefore: rowCount(was), rowsAfter: rowCount(is), rows };
}

async function match(
  stretch: Stretch,
  beforeStore: ReadableStore,
  afterStore: ReadableStore,
  matcher: ReturnType<typeof rowMatcher>,
): Promise<void> {
  const sides = [readSlices(beforeStore, stretch.before), readSlices(afterStore, stretch.after)] as const;
  try {
    for (let isOpen = true; isOpen; ) {
      const [before, after] = [await linesOfNext(sides[0]), await linesOfNext(sides[1])];
      isOpen = before !== undefined || after !== undefined;
      const alike = shared(before ?? [], after ?? []);
      for (const line of unlike(before ?? [], alike)) matcher.take('before', line);
      for (const line of unlike(after ?? [], alike)) matcher.take('after', line);
    }
  } finally {
    for (const side of sides) await side.return(undefined);
  }
}

/** Undefined after the last. */
async function linesOfNext(slices: AsyncGenerator<Uint8Array>): Promise<string[] | undefined> {
  const { value, done } = await slices.next();
  if (done) return undefined;
  const lines = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8').split('\n');
  return lines.filter((line) => line !== '');
}

/** How often each line stands on both sides: rows that are the same need not be taken apart. */
function shared(before: readonly string[], after: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  if (before.length === 0 || after.length === 0) return times;
  const there = new Map<string, number>();
  for (const line of before) there.set(line, (there.get(line) ?? 0) + 1);
  for (const line of after) {
    const left = there.get(line) ?? 0;
    if (left === 0) continue;
    there.set(line, left - 1);
    times.set(line, (times.get(line) ?? 0) + 1);
  }
  return times;
}

/** The lines without so many of each. */
function unlike(lines: readonly string[], alike: ReadonlyMap<string, number>): string[] {
  const left = new Map(alike);
  return lines.filter((line) => {
    const times = left.get(line) ?? 0;
    if (times > 0) left.set(line, times - 1);
    return times === 0;
  });
}
