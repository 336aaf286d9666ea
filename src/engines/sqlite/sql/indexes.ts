import type { SchemaObject } from '../../../core/manifest.ts';
import { looksLikeCredential } from '../../../core/privacy/credentials.ts';
import type { Declared } from '../../../core/privacy/declared.ts';
import type { LeakingTable, Sources } from '../../../core/privacy/leaking-table.ts';
import type { TableShape } from '../../../core/privacy/shape.ts';
import { isSameName } from '../names.ts';
import { namesIn, namesReadIn, settingsIn } from './sql-words.ts';

/** A table as SQLite defines it. */
export interface DefinedTable extends TableShape {
  readonly sql: string;
}

/** Full-text tables keep the words of other tables' columns, in tables of their own. */
export function leakingTables(
  tables: readonly DefinedTable[],
  schema: readonly SchemaObject[],
  declared: Declared,
  sources: Sources,
  byName: boolean,
): LeakingTable[] {
  const waysInto = waysIn(schema);
  const leftOf = leftIn(sources);
  const ordinary = tables.filter(({ kind }) => kind === 'table');
  return tables
    .filter(({ kind, name }) => kind === 'virtual' && !declared.exclude.has(name))
    .flatMap((table): LeakingTable[] => {
      const content = contentOf(table.sql);
      const ways = waysInto(table.name, content);
      const about = ordinary.filter(({ name }) => isSameName(name, content ?? '') || ways.read.has(name.toLowerCase()));
      const kept = declared.keep.get(table.name);
      const left = new Set(about.flatMap((each) => leftOf(each).map((name) => name.toLowerCase())));
      // On the way it may get another name.
      const isRenamed = [...left].some((name) => ways.mentioned.has(name));
      const own = byName && !content;
      const columns = table.columns
        .map(({ name }) => name)
        .filter((name) => isRenamed || left.has(name.toLowerCase()) || (own && looksLikeCredential(name)))
        .filter((name) => !kept?.has(name));
      const rows = about.some(({ name }) => sources.partial.has(name));
      return columns.length === 0 && !rows ? [] : [{ table, canBeMadeAgain: Boolean(content), columns }];
    });
}

/**
 * The table that a full-text table is about; empty where it keeps no text, undefined where it keeps its own. FTS5 takes a beginning of
 * the word for it, and FTS4 the last of several.
 */
export function contentOf(sql: string): string | undefined {
  return settingsIn(sql).findLast(([name]) => 'content'.startsWith(name.toLowerCase()))?.[1];
}

interface Ways {
  /** The names that it mentions. */
  readonly mentioned: ReadonlySet<string>;
  /** Those that it mentions otherwise than to put rows in. */
  readonly read: ReadonlySet<string>;
}

/** What fills a full-text table: the view that it is about, or triggers; and the views that those read. Each is gone over once. */
function waysIn(schema: readonly SchemaObject[]): (name: string, content: string | undefined) => Ways {
  const views = new Map(schema.filter(({ type }) => type === 'view').map((view) => [view.name.toLowerCase(), view]));
  const known = new Map<SchemaObject, Ways>();
  const waysOf = (object: SchemaObject): Ways => {
    const ways = known.get(object) ?? { mentioned: namesIn(object.sql), read: namesReadIn(object.sql) };
    known.set(object, ways);
    return ways;
  };
  const triggers = schema.filter(({ type }) => type === 'trigger');
  const viewsNamed = (names: ReadonlySet<string>) => [...names].flatMap((name) => views.get(name) ?? []);
  return (name, content) => {
    const found = new Set(
      content
        ? viewsNamed(new Set([content.toLowerCase()]))
        : triggers.filter((trigger) => waysOf(trigger).mentioned.has(name.toLowerCase())),
    );
    // It grows while it is gone through.
    for (const object of found) for (const view of viewsNamed(waysOf(object).mentioned)) found.add(view);
    const all = [...found].map(waysOf);
    return {
      mentioned: new Set(all.flatMap(({ mentioned }) => [...mentioned])),
      read: new Set(all.flatMap(({ read }) => [...read])),
    };
  };
}

/** The columns of a table that are left out, and those that are computed from them. */
function leftIn({ redacted }: Sources): (table: TableShape) => readonly string[] {
  const known = new Map<TableShape, readonly string[]>();
  return (table) => {
    const { name, columns, computedFrom } = table;
    const found = known.get(table);
    if (found !== undefined) return found;
    const left = redacted.get(name) ?? [];
    const computed = left.length === 0 ? new Set() : computedFrom();
    const tells = left.some((each) => computed.has(each.toLowerCase()));
    const all = tells ? [...left, ...columns.filter(({ isGenerated }) => isGenerated).map((each) => each.name)] : left;
    known.set(table, all);
    return all;
  };
}
