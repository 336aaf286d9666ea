import type { Saved } from '../../../core/manifest.ts';
import { entryOf, missingColumns } from '../../../core/privacy/left-out.ts';
import { columnGone, tableGone } from '../../../core/problems/restoring.ts';
import { keyChanged, rowsLeftOut, rowsLeftOutPartly } from '../../../core/problems/some-rows.ts';
import { tableUnknown } from '../../../core/problems/usage.ts';
import type { RowsWanted } from '../../engine.ts';
import { isInternal } from '../codec.ts';
import { keysIn } from '../keys.ts';
import type { Surveyed } from '../restore/survey.ts';
import type { Column, Table } from '../tables.ts';

/** A table whose rows may come back, before anything is read. */
export interface WantedTable {
  readonly table: Table;
  /** Asked for by name, and not only for the rows that others point to. */
  readonly isAsked: boolean;
}

/**
 * The tables that are asked for, and after them those that they point to, near and far, as far as the backup has them. Throws USAGE and
 * TABLE_GONE for what cannot come back alone.
 */
export function wantedTables(
  tables: readonly Table[],
  content: Saved,
  { tables: names, exact }: Pick<RowsWanted, 'tables' | 'exact'>,
): WantedTable[] {
  const here = new Map(tables.filter(({ holdsRows }) => holdsRows).map((table) => [table.key, table]));
  const found = new Map<string, WantedTable>();
  for (const name of names) {
    mustBeSaved(content, name, exact);
    const table = here.get(name);
    if (table === undefined) throw tableGone(name)();
    found.set(name, { table, isAsked: true });
  }
  // What is found on the way is gone through, too.
  for (const { table } of found.values())
    for (const { table: parent } of table.references) {
      const there = here.get(parent);
      const isLeftOut = entryOf(content.metadata?.excluded, parent) !== undefined;
      if (there === undefined || found.has(parent) || isLeftOut || !content.data.has(parent)) continue;
      found.set(parent, { table: there, isAsked: false });
    }
  return [...found.values()];
}

function mustBeSaved({ data, metadata = {} }: Saved, name: string, exact: boolean): void {
  if (entryOf(metadata.excluded, name) !== undefined) throw rowsLeftOut(name)();
  const known = [...data.keys()].filter((key) => !isInternal(key));
  if (!known.includes(name)) throw tableUnknown(name, known)();
  if (exact && entryOf(metadata.included, name) !== undefined) throw rowsLeftOutPartly(name)();
}

/** How the rows of a table are told apart, compared and put in. */
export interface Shape extends WantedTable {
  /** By its place, for what is made for it. */
  readonly at: number;
  /** Which rows are the same; none where only all their values tell. */
  readonly key: readonly Column[];
  /** The columns that the backup has its own values for. */
  readonly compared: readonly Column[];
  /** Those that it has any for: some hold what the configuration put there. */
  readonly inserted: readonly Column[];
  /** All that is stored and not computed. */
  readonly stored: readonly Column[];
}

/** Throws COLUMN_GONE where the backup has values for a column that is not there any more, and TABLE_GONE where the key is another. */
export function shapeOf(wanted: WantedTable, content: Saved, { keys, rows }: Surveyed, at: number): Shape {
  const { table } = wanted;
  const stored = table.columns.filter(({ isGenerated }) => !isGenerated);
  // A table without rows says nothing of its columns.
  const names = rows === 0 ? stored.map(({ name }) => name) : (keys ?? []);
  const gone = names.find((name) => !stored.some((column) => column.name === name));
  if (gone !== undefined) throw columnGone(table.key, gone)();
  const leftOut = content.metadata ?? {};
  const redacted = entryOf(leftOut.redacted, table.key) ?? [];
  const missing = missingColumns(leftOut, table.key);
  const inserted = stored.filter(({ name }) => names.includes(name) && !missing.includes(name));
  const key = keyOf(table);
  const keyThen = keysIn(content.schema).get(table.key) ?? [];
  // Of a part of a whole, its whole says what its key is.
  const isSame = table.isPart
    ? key.every(({ name }) => names.includes(name))
    : key.map(({ name }) => name).join('\n') === keyThen.join('\n');
  if (!isSame) throw keyChanged(table.key)();
  return { ...wanted, at, key, compared: inserted.filter(({ name }) => !redacted.includes(name)), inserted, stored };
}

function keyOf({ uniques, columns }: Table): Column[] {
  const names = uniques.find(({ isKey }) => isKey)?.columns ?? [];
  return names.flatMap((name) => columns.find((column) => column.name === name) ?? []);
}
