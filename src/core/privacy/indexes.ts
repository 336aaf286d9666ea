import type { SchemaObject } from '../manifest.ts';
import { looksLikeCredential } from './credentials.ts';
import type { Declared } from './declared.ts';
import { isSame, type TableShape } from './shape.ts';
import { mentions } from './sql-words.ts';

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
      const about =
        content === undefined || content === ''
          ? schema.filter(({ type, sql }) => type === 'trigger' && mentions(sql, table.name)).map((each) => each.table)
          : [content, ...behindView(content, tables, schema)];
      const kept = declared.keep.get(table.name);
      const isOurs = (name: string) => about.some((each) => isSame(each, name));
      const left = [...sources.redacted].flatMap(([name, columns]) => (isOurs(name) ? columns : []));
      const own = byName && !content ? table.columns.filter(({ name }) => looksLikeCredential(name)) : [];
      const columns = table.columns
        .map(({ name }) => name)
        .filter((name) => left.some((each) => isSame(each, name)) || own.some((each) => each.name === name))
        .filter((name) => !kept?.has(name));
      const rows = [...sources.partial].some(isOurs);
      return columns.length === 0 && !rows ? [] : [{ table, canBeMadeAgain: Boolean(content), columns }];
    });
}

/** The table that a full-text table is about; empty where it keeps no text, undefined where it keeps its own. */
export function contentOf(sql: string): string | undefined {
  const found = /[(,]\s*content\s*=\s*("[^"]*"|'[^']*'|`[^`]*`|\[[^\]]*\]|[^\s,)]*)/i.exec(sql)?.[1];
  return found?.replace(/^["'`[]|["'`\]]$/g, '');
}

function behindView(name: string, tables: readonly TableShape[], schema: readonly SchemaObject[]): string[] {
  const view = schema.find((object) => object.type === 'view' && isSame(object.name, name));
  return view === undefined ? [] : tables.filter((table) => mentions(view.sql, table.name)).map((table) => table.name);
}
