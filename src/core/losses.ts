import { isShortLived } from './short-lived.ts';
import type { Memory, Most, TableMemory } from './table-memory.ts';
import { number } from './words.ts';

/** A table or a column that had more. */
export type Loss =
  | {
      readonly kind: 'gone' | 'emptied' | 'shrunk';
      readonly table: string;
      readonly rows: number;
      readonly before: Most;
    }
  | { readonly kind: 'nulled'; readonly table: string; readonly column: string };

/** A backup as the guard sees it. */
export interface Known {
  readonly date: string;
  readonly rows: ReadonlyMap<string, number>;
  readonly memory: Memory;
}

/** What is to come after it: its tables and, where it is a backup too, what it remembers. */
export interface Next {
  readonly rows: ReadonlyMap<string, number>;
  readonly memory?: Memory;
}

export interface Rules {
  /** The share of a table's rows that may go. */
  readonly maxShrink: number;
  /** Whether any of a table's may go. Default: its name tells. */
  readonly mayShrink?: ((table: string) => boolean) | undefined;
}

/** Somebody who deletes three notes has not lost a table. */
const FEW_ROWS = 5;

/** Below this, losing most rows of a table is what an ordinary day may bring. */
const SOME_ROWS = 20;

/**
 * Tables that lost all or most of their rows: against the most they had as far as the backup before remembers, so that many small
 * steps do not go unseen. A table that did not lose rows since that backup lost nothing now, and one under a new name is the old one.
 */
export function lossesOf(next: Next, before: Known, rules: Rules): Loss[] {
  const renamed = renamedAmong(next.rows, before.rows);
  const { mayShrink = isShortLived } = rules;
  const losses: Loss[] = [];
  for (const [table, last] of before.rows) {
    const now = next.rows.get(table) ?? 0;
    if (now >= last || renamed.has(table) || mayShrink(table)) continue;
    const most = mostOf(table, before);
    if (most.date <= (next.memory?.get(table)?.meant ?? '')) continue;
    const isMany = most.rows >= (now === 0 ? FEW_ROWS : SOME_ROWS);
    if (!isMany || now >= most.rows * (1 - rules.maxShrink)) continue;
    const kind = now > 0 ? 'shrunk' : next.rows.has(table) ? 'emptied' : 'gone';
    losses.push({ kind, table, rows: now, before: most });
  }
  return losses;
}

/** The most rows a table had, as far as a backup knows. */
function mostOf(table: string, { rows, date, memory }: Known): Most {
  const last = { rows: rows.get(table) ?? 0, date };
  const remembered = memory.get(table)?.most;
  return remembered !== undefined && remembered.rows > last.rows ? remembered : last;
}

/** Tables that are gone and of which a new one has at least as many rows. */
function renamedAmong(now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): Set<string> {
  const fresh = [...now].filter(([table]) => !before.has(table)).map(([, rows]) => rows);
  const gone = [...before].filter(([table, rows]) => rows > 0 && !now.has(table)).sort(([, a], [, b]) => b - a);
  const renamed = new Set<string>();
  for (const [table, rows] of gone) {
    const at = fresh.findIndex((each) => each >= rows);
    if (at === -1) continue;
    fresh.splice(at, 1);
    renamed.add(table);
  }
  return renamed;
}

export interface Remembering {
  readonly rows: ReadonlyMap<string, number>;
  readonly before: Known | undefined;
  /** Tables of which rows or values were meant to go with this backup. */
  readonly meant: ReadonlySet<string>;
  /** Columns without any value, by table. */
  readonly empty: ReadonlyMap<string, readonly string[]>;
  readonly date: string;
  /** What is older is forgotten. */
  readonly since: string;
}

/** What a new backup remembers: of most tables nothing, because they never had more rows than now. */
export function memoryAfter({ rows, before, meant, empty, date, since }: Remembering): Memory {
  const tables = new Set([...rows.keys(), ...(before?.rows.keys() ?? []), ...(before?.memory.keys() ?? [])]);
  const memory = new Map<string, TableMemory>();
  for (const table of tables) {
    const known = before && mostOf(table, before);
    const isLess = known !== undefined && known.rows > Math.max(rows.get(table) ?? 0, FEW_ROWS - 1);
    const most = isLess && !meant.has(table) && known.date >= since ? known : undefined;
    const said = meant.has(table) ? date : before?.memory.get(table)?.meant;
    const columns = empty.get(table) ?? [];
    const each: TableMemory = {
      ...(most === undefined ? {} : { most }),
      ...(said === undefined || said < since ? {} : { meant: said }),
      ...(columns.length === 0 ? {} : { empty: columns }),
    };
    if (Object.keys(each).length > 0) memory.set(table, each);
  }
  return memory;
}

/** For people: `users has no rows (1,000 on 2026-11-20)`. */
export function lossInWords(loss: Loss): string {
  if (loss.kind === 'nulled') return `${loss.table}.${loss.column} has no value any more`;
  const had = `${number(loss.before.rows)} on ${loss.before.date.slice(0, 10)}`;
  if (loss.kind === 'gone') return `the table ${loss.table} is gone (${had})`;
  if (loss.kind === 'emptied') return `${loss.table} has no rows (${had})`;
  return `${loss.table} has ${number(loss.rows)} of its rows (${had})`;
}
