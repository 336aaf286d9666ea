import { byText, keyOf, literal, type Named } from './names.ts';
import type { Db } from './open.ts';
import { columnsIn } from './sql-words.ts';
import { wholeSql } from './table-sql.ts';
import { type Kind, kindOf } from './types.ts';

export interface Column {
  readonly name: string;
  /** As a definition says it: `DECIMAL(10,2)`. */
  readonly type: string;
  /** Undefined for a type whose values no text gives back. */
  readonly kind: Kind | undefined;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly isGenerated: boolean;
}

export interface ForeignKey {
  /** The key of the table it points to. */
  readonly table: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** As DuckDB writes it. */
  readonly text: string;
}

export interface Table extends Named {
  readonly key: string;
  readonly sql: string;
  readonly columns: readonly Column[];
  /** The columns of the primary key. */
  readonly primary: readonly string[];
  /** Those of other keys; undefined for an expression, and what the definition of an index says. */
  readonly uniques: readonly { readonly columns: readonly (string | undefined)[]; readonly sql: string }[];
  readonly references: readonly ForeignKey[];
}

/** The user's tables in the order of their names: DuckDB's own order is another after every checkpoint. */
export async function readTables(db: Db): Promise<Table[]> {
  const here = `database_name = ${literal(db.catalog)}`;
  const found = await db.rows(
    `SELECT schema_name, table_name, sql FROM duckdb_tables() WHERE ${here} AND NOT internal AND NOT temporary`,
  );
  const columns = await db.rows(
    `SELECT schema_name, table_name, column_name, data_type, is_nullable, column_default IS NOT NULL FROM duckdb_columns()
      WHERE ${here} AND NOT internal ORDER BY column_index`,
  );
  const constraints = await db.rows(
    `SELECT schema_name, table_name, constraint_type, to_json(constraint_column_names)::VARCHAR, referenced_table,
        to_json(referenced_column_names)::VARCHAR, constraint_text
      FROM duckdb_constraints() WHERE ${here} ORDER BY constraint_index`,
  );
  const indexes = await db.rows(
    `SELECT schema_name, table_name, sql FROM duckdb_indexes() WHERE ${here} AND is_unique AND NOT is_primary ORDER BY index_name`,
  );
  const tables = found.map(([schema, name, sql]): Table => {
    const named: Named = { schema: schema ?? '', name: name ?? '' };
    const isMine = (row: readonly (string | null)[]) => row[0] === schema && row[1] === name;
    const rules = constraints.filter(isMine);
    const ofType = (type: string) => rules.filter((rule) => rule[2] === type);
    const references = ofType('FOREIGN KEY').map((rule) => ({
      // No foreign key of DuckDB's leaves its schema.
      table: keyOf({ schema: named.schema, name: rule[4] ?? '' }),
      from: namesOf(rule[3]),
      to: namesOf(rule[5]),
      text: rule[6] ?? '',
    }));
    return {
      ...named,
      key: keyOf(named),
      sql: wholeSql(sql ?? '', named, references),
      columns: columnsOf(columns.filter(isMine), sql ?? ''),
      primary: ofType('PRIMARY KEY').flatMap((rule) => namesOf(rule[3])),
      uniques: [
        ...ofType('UNIQUE').map((rule) => ({ columns: namesOf(rule[3]), sql: '' })),
        ...indexes.filter(isMine).map((index) => uniqueIndex(index[2] ?? '')),
      ],
      references,
    };
  });
  return tables.sort((a, b) => byText(a.key, b.key));
}

function columnsOf(rows: readonly (readonly (string | null)[])[], sql: string): Column[] {
  const generated = new Set(columnsIn(sql).flatMap((column) => (column.isGenerated ? [column.name] : [])));
  return rows.map(([, , name, type, nullable, hasDefault]) => {
    const isGenerated = generated.has(name ?? '');
    return {
      name: name ?? '',
      type: type ?? '',
      kind: kindOf(type ?? ''),
      notNull: nullable !== 'true',
      hasDefault: hasDefault === 'true' && !isGenerated,
      isGenerated,
    };
  });
}

function namesOf(json: string | null | undefined): string[] {
  const names: unknown = JSON.parse(json ?? '[]');
  return Array.isArray(names) ? names.map(String) : [];
}

/** What stands in the last parentheses of a definition, where it is names alone. */
function uniqueIndex(sql: string): Table['uniques'][number] {
  const inside = /\(([\s\S]*)\);?$/.exec(sql.slice(sql.indexOf(' ON ')))?.[1] ?? '';
  const columns = inside.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((entry) => {
    const [, name, bare] = /^\s*(?:"((?:[^"]|"")*)"|([\w\u0080-\uffff]+))\s*$/.exec(entry) ?? [];
    return name?.replaceAll('""', '"') ?? bare;
  });
  return { columns, sql };
}

/** The columns whose values are stored and not computed. */
export const storedNames = ({ columns }: Table): string[] =>
  columns.flatMap(({ name, isGenerated }) => (isGenerated ? [] : [name]));

/** The columns that tell all rows apart: the primary key, or another that is never NULL. None where only all columns together may. */
export function keyColumns({ primary, uniques, columns }: Table): readonly string[] {
  if (primary.length > 0) return primary;
  const never = new Set(columns.filter(({ notNull }) => notNull).map(({ name }) => name));
  const found = uniques.find((unique) => unique.columns.every((name) => name !== undefined && never.has(name)));
  return found?.columns.flatMap((name) => name ?? []) ?? [];
}

/** Tables behind those that their foreign keys point to. */
export function parentsFirst(tables: readonly Table[]): Table[] {
  const left = [...tables];
  const ordered: Table[] = [];
  while (left.length > 0) {
    const isWaiting = (table: Table) =>
      table.references.some((key) => key.table !== table.key && left.some((other) => other.key === key.table));
    const free = left.findIndex((table) => !isWaiting(table));
    ordered.push(...left.splice(Math.max(0, free), 1));
  }
  return ordered;
}
