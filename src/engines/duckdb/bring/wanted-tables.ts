import type { Saved } from '../../../core/manifest.ts';
import { entryOf, missingColumns } from '../../../core/privacy/left-out.ts';
import { columnGone, tableGone } from '../../../core/problems/restoring.ts';
import { keyChanged, rowsLeftOut, rowsLeftOutPartly, tableHasNoIdentity } from '../../../core/problems/some-rows.ts';
import { tableUnknown } from '../../../core/problems/usage.ts';
import type { RowsWanted } from '../../engine.ts';
import { SEQUENCES } from '../codec.ts';
import { NEEDED_BY_TABLES } from '../keys.ts';
import { fold } from '../names.ts';
import type { ReadColumn } from '../rows-sql.ts';
import { type Column, keyColumns, type Table } from '../tables.ts';

/** A column on both sides. */
export interface Pair {
  readonly here: ReadColumn;
  readonly saved: Column;
}

/** A table whose rows may come back: how they are told apart, compared and put in. */
export interface Shape {
  /** By its place, for what is made for it. */
  readonly at: number;
  readonly table: Table;
  /** As the backup has it. */
  readonly saved: Table;
  /** Asked for by name, and not only for the rows that others point to. */
  readonly isAsked: boolean;
  /** Which rows are the same; none where only all their values tell. */
  readonly key: readonly Pair[];
  /** The columns that the backup has its own values for. */
  readonly compared: readonly Pair[];
  /** Those that it has any for: some hold what the configuration put there. */
  readonly inserted: readonly Pair[];
  /** The names of all that are stored. */
  readonly stored: readonly string[];
}

export interface WantedTables {
  readonly shapes: readonly Shape[];
  /** The backup's tables that have to be made, whose rows or whose parents' rows may come. */
  readonly needed: ReadonlySet<string>;
}

/**
 * The tables that are asked for, and after them those that they point to, near and far, now or in the backup. Throws USAGE, TABLE_GONE and
 * COLUMN_GONE for what cannot come back alone.
 */
export function wantedTables(
  here: readonly Table[],
  then: readonly Table[],
  content: Saved,
  { tables, exact }: RowsWanted,
): WantedTables {
  const named = (list: readonly Table[], key: string) => list.find((table) => fold(table.key) === fold(key));
  const kept = then.filter(({ key }) => content.data.has(key));
  const found = new Map<string, { readonly saved: Table; readonly isAsked: boolean }>();
  for (const name of tables) {
    const table = named(then, name);
    const { metadata = {} } = content;
    if (entryOf(metadata.excluded, table?.key ?? name) !== undefined) throw rowsLeftOut(name)();
    if (table === undefined || named(kept, name) === undefined)
      throw tableUnknown(
        name,
        kept.map(({ key }) => key),
      )();
    if (named(here, name) === undefined) throw tableGone(name)();
    if (exact && entryOf(metadata.included, table.key) !== undefined) throw rowsLeftOutPartly(name)();
    found.set(table.key, { saved: table, isAsked: true });
  }
  // What is found on the way is gone through, too.
  for (const { saved: child } of found.values())
    for (const { table: parent } of [...child.references, ...(named(here, child.key)?.references ?? [])]) {
      const table = named(kept, parent);
      if (table !== undefined && !found.has(table.key)) found.set(table.key, { saved: table, isAsked: false });
    }
  const shapes = [...found.values()].flatMap((each, at) => {
    const table = named(here, each.saved.key);
    return table === undefined ? [] : [shapeOf(table, each.saved, content, at, each.isAsked)];
  });
  return { shapes, needed: new Set(found.keys()) };
}

const isSame = (a: string, b: string) => fold(a) === fold(b);
const has = (list: readonly string[], name: string) => list.some((each) => isSame(each, name));
const isStored = ({ isGenerated }: Column) => !isGenerated;

function shapeOf(table: Table, saved: Table, { metadata = {} }: Saved, at: number, isAsked: boolean): Shape {
  const [key, keyThen] = [keyColumns(table), keyColumns(saved)];
  if (key.map(fold).join('\n') !== keyThen.map(fold).join('\n')) throw keyChanged(table.key)();
  const stored = table.columns.filter(isStored);
  // Then nothing says where a row is.
  if (
    has(
      [...table.columns, ...saved.columns].map(({ name }) => name),
      'rowid',
    )
  )
    throw tableHasNoIdentity(table.key)();
  const missing = missingColumns(metadata, saved.key);
  const redacted = entryOf(metadata.redacted, saved.key) ?? [];
  const inserted = saved.columns
    .filter((column) => isStored(column) && !has(missing, column.name))
    .map((column): Pair => {
      const now = stored.find(({ name }) => isSame(name, column.name));
      if (now?.kind === undefined) throw columnGone(table.key, column.name)();
      return { here: { ...now, kind: now.kind }, saved: column };
    });
  return {
    at,
    table,
    saved,
    isAsked,
    key: key.flatMap((name) => inserted.find(({ here }) => here.name === name) ?? []),
    compared: inserted.filter((pair) => !has(redacted, pair.saved.name)),
    inserted,
    stored: stored.map(({ name }) => name),
  };
}

/** What of a backup these tables are made of. */
export function contentFor(content: Saved, needed: ReadonlySet<string>): Saved {
  return {
    ...content,
    schema: content.schema.filter(
      ({ type, name }) => NEEDED_BY_TABLES.includes(type) || (type === 'table' && needed.has(name)),
    ),
    data: new Map([...content.data].filter(([name]) => needed.has(name) || name === SEQUENCES)),
  };
}
