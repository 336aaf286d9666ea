import type { Saved, SchemaObject } from '../../../core/manifest.ts';
import { entryOf, missingColumns } from '../../../core/privacy/left-out.ts';
import { columnGone, tableGone } from '../../../core/problems/restoring.ts';
import {
  keyChanged,
  rowsLeftOut,
  rowsLeftOutPartly,
  tableHasNoIdentity,
  tableKeptElsewhere,
} from '../../../core/problems/some-rows.ts';
import { tableUnknown } from '../../../core/problems/usage.ts';
import type { RowsWanted } from '../../engine.ts';
import { foreignKeysOf, type KeyRow } from '../dangling.ts';
import { fold, isSameName } from '../names.ts';
import type { Db } from '../open.ts';
import { quoted, readSchema, readTables, type Table } from '../schema.ts';
import { isVirtualDefinition } from '../sql/virtual-tables.ts';

/** A table of the database whose rows may come back, before anything is read. */
export interface WantedTable {
  readonly table: Table;
  readonly definition: SchemaObject;
  /** What the backup calls it. */
  readonly saved: SchemaObject;
  /** Asked for by name, and not only for the rows that others point to. */
  readonly isAsked: boolean;
  readonly foreignKeys: readonly (readonly KeyRow[])[];
}

/**
 * The tables that are asked for, and after them those that they point to, near and far, as far as the backup has them. Throws USAGE and
 * TABLE_GONE for what cannot come back alone.
 */
export function wantedTables(db: Db, content: Saved, { tables, exact }: RowsWanted): WantedTable[] {
  const schema = readSchema(db);
  const here = new Map(readTables(db).map((table) => [fold(table.name), table]));
  const found = new Map<string, WantedTable>();
  const describe = (name: string, isAsked: boolean): WantedTable | undefined => {
    const table = here.get(fold(name));
    const definition = schema.find((object) => object.type === 'table' && isSameName(object.name, name));
    const saved = savedTable(content, name);
    if (table === undefined || !table.own || definition === undefined || saved === undefined) return undefined;
    return { table, definition, saved, isAsked, foreignKeys: foreignKeysOf(db, table.name) };
  };
  for (const name of tables) {
    mustBeThere(schema, content, name);
    const wanted = describe(name, true);
    if (wanted === undefined) throw tableGone(name)();
    mustBeWhole(content, wanted.saved.name, exact);
    found.set(fold(name), wanted);
  }
  // What is found on the way is gone through, too.
  for (const { foreignKeys } of found.values()) {
    for (const [first] of foreignKeys) {
      const parent = fold(first?.parent ?? '');
      if (found.has(parent)) continue;
      const wanted = describe(parent, false);
      if (wanted !== undefined && entryOf(content.metadata?.excluded, wanted.saved.name) === undefined)
        found.set(parent, wanted);
    }
  }
  return [...found.values()];
}

const savedTable = ({ schema, data }: Saved, name: string) =>
  schema.find((object) => object.type === 'table' && isSameName(object.name, name) && data.has(object.name));

function mustBeThere(schema: readonly SchemaObject[], content: Saved, name: string): void {
  const isCalledSo = (object: SchemaObject) => object.type === 'table' && isSameName(object.name, name);
  const [now, then] = [schema.find(isCalledSo), content.schema.find(isCalledSo)];
  if ([now, then].some((object) => object !== undefined && isVirtualDefinition(object)))
    throw tableKeptElsewhere(name)();
  if (entryOf(content.metadata?.excluded, then?.name ?? name) !== undefined) throw rowsLeftOut(name)();
  if (then === undefined || savedTable(content, name) === undefined) {
    const known = content.schema.filter((object) => object.type === 'table' && content.data.has(object.name));
    throw tableUnknown(
      name,
      known.map((object) => object.name),
    )();
  }
  if (now === undefined) throw tableGone(name)();
}

function mustBeWhole({ metadata }: Saved, name: string, exact: boolean): void {
  if (exact && entryOf(metadata?.included, name) !== undefined) throw rowsLeftOutPartly(name)();
}

/** How the rows of a table are told apart, compared and put in. All names are as SQL takes them. */
export interface Shape extends WantedTable {
  /** By its place, for what is made for it. */
  readonly at: number;
  /** What stands for a row: its number, or its key. */
  readonly ids: readonly string[];
  /** Which rows are the same; none where only all their values tell. */
  readonly key: readonly string[];
  /** The columns that the backup has its own values for. */
  readonly compared: readonly string[];
  /** Those that it has any for: some hold what the configuration put there. */
  readonly inserted: readonly string[];
  /** All that is stored. */
  readonly stored: readonly string[];
}

/** Throws COLUMN_GONE where the backup has values for a column that is not there any more, and TABLE_GONE where the key is another. */
export function shapeOf(db: Db, wanted: WantedTable, source: Db, { metadata = {} }: Saved, at: number): Shape {
  const { table, saved } = wanted;
  const then = readTables(source).find(({ name }) => name === saved.name);
  const [key, keyThen] = [keyOf(db, table.name), keyOf(source, saved.name)];
  if (key.map(fold).join('\n') !== keyThen.map(fold).join('\n')) throw keyChanged(table.name)();
  const ids = idsOf(table, key);
  if (ids.length === 0) throw tableHasNoIdentity(table.name)();
  const names = table.columns.map(({ name }) => name);
  const has = (list: readonly string[], name: string) => list.some((each) => isSameName(each, name));
  const missing = missingColumns(metadata, saved.name);
  const redacted = entryOf(metadata.redacted, saved.name) ?? [];
  const namesThen = then?.columns.map(({ name }) => name) ?? [];
  const gone = namesThen.find((name) => !has(names, name) && !has(missing, name));
  if (gone !== undefined) throw columnGone(table.name, gone)();
  return {
    ...wanted,
    at,
    ids,
    key: key.map(quoted),
    compared: names.filter((name) => has(namesThen, name) && !has(redacted, name)).map(quoted),
    inserted: names.filter((name) => has(namesThen, name) && !has(missing, name)).map(quoted),
    stored: names.map(quoted),
  };
}

/** A number that is no column has a name that is a keyword of a kind, and stands bare. */
function idsOf({ rowid, hiddenRowid }: Table, key: readonly string[]): string[] {
  if (rowid === undefined) return key.map(quoted);
  return [hiddenRowid ? rowid : quoted(rowid)];
}

const keyOf = (db: Db, table: string) =>
  db
    .prepare<[string], string>('SELECT name FROM temp.pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk')
    .pluck()
    .all(table);

/** What of a backup these tables are made of; SQLite counts some of their numbers in a table of its own. */
export function contentFor(content: Saved, wanted: readonly WantedTable[]): Saved {
  const names = wanted.map(({ saved }) => saved.name);
  const isNeeded = (name: string) => names.includes(name) || name === 'sqlite_sequence';
  return {
    ...content,
    schema: content.schema.filter(({ type, name }) => type === 'table' && names.includes(name)),
    settings: { ...content.settings, journal_mode: 'delete', auto_vacuum: 0 },
    data: new Map([...content.data].filter(([name]) => isNeeded(name))),
  };
}
