import { membersOf } from './json.ts';
import type { TableData } from './manifest.ts';

/** How the rows of one table differ between two backups. */
export interface RowChange {
  readonly kind: 'added' | 'changed' | 'removed';
  /** The row's key as JSON, as a person would point at it. */
  readonly key: string;
  readonly before?: string;
  readonly after?: string;
}

/** Stretches of parts that the two sides do not share. Between them both hold the same rows. */
export interface Stretch {
  readonly before: TableData;
  readonly after: TableData;
}

/** Finds what must be read to compare two versions of a table: never the parts that both name. */
export function unsharedStretches(before: TableData, after: TableData): Stretch[] {
  if ('rows' in before || 'rows' in after) {
    return 'rows' in before && 'rows' in after && before.rows.join('\n') === after.rows.join('\n')
      ? []
      : [{ before, after }];
  }
  const inBefore = new Set(before.parts.map((part) => part.file));
  const inAfter = new Set(after.parts.map((part) => part.file));
  const left = runsBetween(before.parts, inAfter);
  const right = runsBetween(after.parts, inBefore);
  // Both sides list the shared parts in the same order, because both list rows in key order: run by run they correspond.
  const stretches: Stretch[] = [];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [a = [], b = []] = [left[i], right[i]];
    if (a.length + b.length > 0) stretches.push({ before: tableOf(a), after: tableOf(b) });
  }
  return stretches;
}

type Parts = Extract<TableData, { parts: unknown }>['parts'];

const tableOf = (parts: Parts): TableData => ({ count: parts.reduce((sum, part) => sum + part.rows, 0), parts });

function runsBetween(parts: Parts, shared: ReadonlySet<string>): Parts[] {
  const runs: Parts[number][][] = [[]];
  for (const part of parts) {
    if (shared.has(part.file)) runs.push([]);
    else runs.at(-1)?.push(part);
  }
  return runs;
}

/** What tells a row from others besides its key: some databases give each a number of its own. Default: all that it holds. */
export type OwnNumber = (members: ReadonlyMap<string, string>) => string | undefined;

/** The part of a line that says which row it is. Rows of the two sides are matched by it. */
export function keyOf(line: string, keyColumns: readonly string[], ownNumber: OwnNumber = () => line): string {
  const members = membersOf(line);
  const key = keyColumns.map((column) => members.get(column) ?? 'null');
  // Several rows may have no key at all.
  const isKey = key.length > 0 && !key.includes('null');
  return (isKey ? key : [ownNumber(members) ?? line, ...key]).join(',');
}

/**
 * Matches the rows of two sides as they come. Both come in nearly the same order, so what waits for its other half stays
 * little, however long the table is.
 */
export function rowMatcher(keyOfLine: (line: string) => string, onChange: (change: RowChange) => void) {
  const waiting = { before: new Map<string, Waiting>(), after: new Map<string, Waiting>() };
  return {
    take(side: 'before' | 'after', line: string): void {
      const key = keyOfLine(line);
      const other = waiting[side === 'before' ? 'after' : 'before'];
      const match = other.get(key);
      if (match === undefined) {
        const next = waiting[side].get(key);
        waiting[side].set(key, next === undefined ? { line } : { line, next });
        return;
      }
      if (match.next === undefined) other.delete(key);
      else other.set(key, match.next);
      const [before, after] = side === 'before' ? [line, match.line] : [match.line, line];
      if (before !== after) onChange({ kind: 'changed', key, before, after });
    },
    finish(): void {
      for (const [key, before] of left(waiting.before)) onChange({ kind: 'removed', key, before });
      for (const [key, after] of left(waiting.after)) onChange({ kind: 'added', key, after });
    },
  };
}

/** Where nothing but all that they hold tells rows apart, there may be several alike. */
interface Waiting {
  readonly line: string;
  readonly next?: Waiting;
}

function* left(waiting: ReadonlyMap<string, Waiting>): Iterable<[key: string, line: string]> {
  for (const [key, first] of waiting)
    for (let each: Waiting | undefined = first; each !== undefined; each = each.next) yield [key, each.line];
}
