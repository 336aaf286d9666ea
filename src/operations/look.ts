import { JsonSyntaxError, membersOf, parse } from '../core/json.ts';
import { rowCount, type TableData } from '../core/manifest.ts';
import { backupDamaged } from '../core/problems/backups.ts';
import type { ReadableStore } from '../stores/store.ts';
import { readSlices } from './read-parts.ts';

/** Some rows of a table in a backup, each as its line. */
export interface Look {
  readonly rows: readonly { readonly number: number; readonly line: string }[];
  /** How many rows the table has. */
  readonly total: number;
  /** The first row that was not looked at: where to go on. Undefined at the table's end. */
  readonly next: number | undefined;
}

/** What one look may cost: a search goes on where the last one ended. */
const BYTES_A_LOOK = 8 * 1024 * 1024;
const LINES_PARSED_A_LOOK = 20_000;

/**
 * Rows of a table from number `from` (the first is 0), at most `limit`, and only those in which a value holds `search` where
 * something is searched for. Only the parts these rows are in are read. Throws BACKUP_DAMAGED, for rows that are none too.
 */
export async function look(store: ReadableStore, table: TableData, which: Which): Promise<Look> {
  try {
    const found = await lookAt(store, table, which);
    // Whoever shows them takes them apart.
    for (const { line } of found.rows) membersOf(line);
    return found;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw backupDamaged('A table of the backup', `holds a row that is none (${error.message})`)(error);
  }
}

interface Which {
  readonly from: number;
  readonly limit: number;
  readonly search?: string;
}

async function lookAt(store: ReadableStore, table: TableData, { from, limit, search = '' }: Which): Promise<Look> {
  const total = rowCount(table);
  const rows: { number: number; line: string }[] = [];
  const finder = finderOf(search);
  const { rest, before } = beginningAt(table, from);
  let number = before;
  let bytes = 0;
  for await (const slice of readSlices(store, rest)) {
    const text = Buffer.from(slice).toString('utf8');
    bytes += slice.length;
    const lines = text.split('\n');
    lines.pop();
    const mayHold = finder.mayBeIn(text);
    for (const line of lines) {
      const at = number++;
      if (at < from || !mayHold || !finder.isIn(line)) continue;
      rows.push({ number: at, line });
      if (rows.length === limit) return { rows, total, next: number < total ? number : undefined };
    }
    if (bytes >= BYTES_A_LOOK || finder.parsed() >= LINES_PARSED_A_LOOK) break;
  }
  return { rows, total, next: number < total ? number : undefined };
}

/** The table from the slice on that holds row `from`, and how many rows come before it. */
function beginningAt(table: TableData, from: number): { rest: TableData; before: number } {
  if ('rows' in table) return { rest: table, before: 0 };
  let before = 0;
  let first = 0;
  for (const [index, part] of table.parts.entries()) {
    if (before + part.rows > from) break;
    before += part.rows;
    // A line that goes on in the next part belongs with it: only after a part with rows may a slice begin.
    if (part.rows > 0) first = index + 1;
  }
  return { rest: { count: table.count - before, parts: table.parts.slice(first) }, before };
}

/** Looks at the text first, which is quick, and at the values only where the text may hold what is searched for. */
function finderOf(search: string) {
  const wanted = search.toLowerCase();
  const quick = new RegExp(literally(JSON.stringify(search).slice(1, -1)), 'i');
  let parsed = 0;
  return {
    mayBeIn: (text: string) => wanted === '' || quick.test(text),
    isIn(line: string): boolean {
      if (wanted === '') return true;
      if (!quick.test(line)) return false;
      parsed++;
      return [...membersOf(line).values()].some((raw) => {
        const value = raw.startsWith('"') ? parse(raw) : raw;
        return String(value).toLowerCase().includes(wanted);
      });
    },
    parsed: () => parsed,
  };
}

const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
