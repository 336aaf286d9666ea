import type { SchemaObject } from '../manifest.ts';
import { looksLikeCredential } from './credentials.ts';
import type { Declared } from './declared.ts';
import { isSame, type TableShape } from './shape.ts';
import { inParenthesesAfter, mentions, reads, settingsIn } from './sql-words.ts';

/** What is known to be left out of the ordinary tables. */
export interface Sources {
  /** Columns, by table. */
  readonly redacted: ReadonlyMap<string, readonly string[]>;
  /** Tables of which rows are left out. */
  readonly partial: ReadonlySet<string>;
}

/** A virtual table that would tell what another one leaves out. */
export interface Telling {
  readonly table: TableShape;
  /** True where its index can be made again from the table it is about, and so may be left empty. */
  readonly canBeMadeAgain: boolean;
  /** The columns that tell; none where it is rows. */
  readonly columns: readonly string[];
}

/** Full-text tables keep the words of other tables' columns, in tables of their own. */
export function tellingTables(
  tables: readonly TableShape[],
  schema: readonly SchemaObject[],
  declared: Declared,
  sources: Sources,
  byName: boolean,
): Telling[] {
  return tables
    .filter(({ kind, name }) => kind === 'virtual' && !declared.exclude.has(name))
    .flatMap((table): Telling[] => {
      const content = contentOf(table.sql);
      const ways = waysInto(table.name, content, schema);
      const about = tables.filter(
        ({ kind, name }) =>
          kind === 'table' && (isSame(name, content ?? '') || ways.some(({ sql }) => reads(sql, name))),
      );
      const kept = declared.keep.get(table.name);
      const left = about.flatMap((each) => leftOf(each, sources));
      // On the way it may get another name.
      const isRenamed = ways.some(({ sql }) => left.some((name) => mentions(sql, name)));
      const own = byName && !content ? table.columns.filter(({ name }) => looksLikeCredential(name)) : [];
      const columns = table.columns
        .map(({ name }) => name)
        .filter(
          (name) => isRenamed || left.some((each) => isSame(each, name)) || own.some((each) => each.name === name),
        )
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

/** What fills it: the view that it is about, or triggers; and the views that those read. */
function waysInto(name: string, content: string | undefined, schema: readonly SchemaObject[]): SchemaObject[] {
  const views = schema.filter(({ type }) => type === 'view');
  const found = new Set(
    content
      ? views.filter((view) => isSame(view.name, content))
      : schema.filter(({ type, sql }) => type === 'trigger' && mentions(sql, name)),
  );
  // It grows while it is gone through.
  for (const { sql } of found) for (const view of views) if (mentions(sql, view.name)) found.add(view);
  return [...found];
}

/** The columns that are left out, and those that are computed from them. */
function leftOf({ name, sql, columns }: TableShape, { redacted }: Sources): readonly string[] {
  const left = redacted.get(name) ?? [];
  const tells = inParenthesesAfter(sql, 'AS').some((expression) => left.some((each) => mentions(expression, each)));
  return tells ? [...left, ...columns.filter(({ isGenerated }) => isGenerated).map((each) => each.name)] : left;
}
