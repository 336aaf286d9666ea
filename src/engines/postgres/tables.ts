import type { Scope } from './catalog/scope.ts';
import { scopeSql } from './catalog/scope.ts';
import type { Kind } from './copied-fields.ts';
import type { Session } from './driver.ts';
import { keyOf, type Named } from './names.ts';

/** A column as the catalog has it. What is computed from others is none that is saved. */
export interface Column {
  readonly name: string;
  /** As a definition says it: `numeric(10,2)`. */
  readonly type: string;
  /** The type that a domain is over, as the catalog calls it, where it is one of the system's own; else empty. */
  readonly base: string;
  readonly kind: Kind;
  /** `base`, `enum`, `range`, `composite` … of what a domain is over. */
  readonly family: Family;
  /** Whether texts of it are compared by a collation. */
  readonly isCollated: boolean;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** What a row gets that says nothing of it, in SQL. */
  readonly byDefault?: string;
  readonly isGenerated: boolean;
}

export type Family = 'simple' | 'compound';

/** An index in which no two rows are alike. */
export interface Unique {
  readonly isKey: boolean;
  /** Undefined where it is an expression. */
  readonly columns: readonly (string | undefined)[];
  /** Whether it holds for all rows, and no column of it is ever NULL: then it tells rows apart. */
  readonly isTotal: boolean;
  readonly sql: string;
}

export interface ForeignKey {
  readonly table: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** A table with rows of its own: a whole of partitions has none. */
export interface Table extends Named {
  readonly key: string;
  readonly holdsRows: boolean;
  /** Whether it is a part of a whole, which is what others point to. */
  readonly isPart: boolean;
  /** In the order of a new table with the same definition: inherited ones first. */
  readonly columns: readonly Column[];
  readonly uniques: readonly Unique[];
  readonly references: readonly ForeignKey[];
  /** What generated columns are computed from, in SQL. */
  readonly computed: readonly string[];
  /** What every row must meet, in SQL. */
  readonly checks: readonly string[];
}

/** What tables there are, and the text that tells whether anything about them has changed. */
export interface Found {
  readonly tables: readonly Table[];
  readonly text: string;
}

/** By name, as the catalog has them; under any settings. */
export async function findTables(session: Session, scope: Scope = {}): Promise<Found> {
  const rows = await session.query(tablesSql(scope));
  const texts = rows.map(([text]) => text ?? '');
  const found = texts.map((text): TableRow => JSON.parse(text));
  const byId = new Map(found.map((table) => [table.oid, table]));
  return { tables: found.map((table) => tableOf(table, byId)), text: texts.join('\n') };
}

interface ColumnRow {
  readonly number: number;
  readonly name: string;
  readonly type: string;
  readonly base: string;
  readonly typtype: string;
  readonly collated: boolean;
  readonly not_null: boolean;
  readonly has_default: boolean;
  readonly by_default: string | null;
  readonly generated: boolean;
  readonly local: boolean;
}

interface TableRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly partition: boolean;
  readonly parents: readonly string[];
  readonly columns: readonly ColumnRow[];
  readonly uniques: readonly {
    readonly primary: boolean;
    readonly columns: readonly number[];
    readonly total: boolean;
    readonly sql: string;
  }[];
  readonly references: readonly {
    readonly schema: string;
    readonly name: string;
    readonly from: readonly string[];
    readonly to: readonly string[];
  }[];
  readonly computed: readonly string[];
  readonly checks: readonly string[];
}

function tableOf(row: TableRow, byId: ReadonlyMap<string, TableRow>): Table {
  const columns = inOrder(row, byId);
  const names = new Map(row.columns.map(({ number, name }) => [number, name]));
  const never = new Set(row.columns.filter((column) => column.not_null).map(({ number }) => number));
  return {
    schema: row.schema,
    name: row.name,
    key: keyOf(row),
    holdsRows: row.kind === 'r',
    isPart: row.partition,
    columns: columns.map(columnOf),
    uniques: row.uniques.map(({ primary, columns: numbers, total, sql }) => ({
      isKey: primary,
      columns: numbers.map((number) => names.get(number)),
      isTotal: total && numbers.every((number) => never.has(number)),
      sql,
    })),
    references: row.references.map(({ schema, name, from, to }) => ({ table: keyOf({ schema, name }), from, to })),
    computed: row.computed,
    checks: row.checks,
  };
}

/** The order in which a table that is made anew has its columns: those of its parents, which may have come later here. */
function inOrder(row: TableRow, byId: ReadonlyMap<string, TableRow>): readonly ColumnRow[] {
  if (row.partition || row.parents.length === 0) return row.columns;
  const own = new Map(row.columns.map((column) => [column.name, column]));
  const parents = row.parents.flatMap((oid) => byId.get(oid) ?? []);
  const names = [...parents.flatMap((parent) => inOrder(parent, byId).map(({ name }) => name)), ...own.keys()];
  return [...new Set(names)].flatMap((name) => own.get(name) ?? []);
}

const NUMBERS = ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'];

function columnOf(row: ColumnRow): Column {
  return {
    name: row.name,
    type: row.type,
    base: row.base,
    kind: kindOf(row.base),
    family: ['b', 'e'].includes(row.typtype) ? 'simple' : 'compound',
    isCollated: row.collated,
    notNull: row.not_null,
    hasDefault: row.has_default,
    ...(row.by_default === null || row.generated ? {} : { byDefault: row.by_default }),
    isGenerated: row.generated,
  };
}

function kindOf(base: string): Kind {
  if (NUMBERS.includes(base)) return 'number';
  if (base === 'bytea') return 'bytes';
  return base === 'bool' ? 'boolean' : 'text';
}

const COLUMNS = `(SELECT coalesce(json_agg(json_build_object('number', a.attnum, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
    'base', CASE WHEN b.typnamespace = 'pg_catalog'::regnamespace THEN b.typname ELSE '' END, 'typtype', b.typtype,
    'collated', b.typcollation <> 0, 'not_null', a.attnotnull, 'has_default', a.atthasdef OR a.attidentity <> '',
    'by_default', (SELECT pg_get_expr(f.adbin, f.adrelid) FROM pg_attrdef f WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum),
    'generated', a.attgenerated <> '', 'local', a.attislocal) ORDER BY a.attnum), '[]')
  FROM pg_attribute a JOIN based ON based.oid = a.atttypid JOIN pg_type b ON b.oid = based.base
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`;

const UNIQUES = `(SELECT coalesce(json_agg(json_build_object('primary', i.indisprimary,
    'columns', (SELECT json_agg(k.attnum ORDER BY k.at) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, at) WHERE k.at <= i.indnkeyatts),
    'total', i.indpred IS NULL AND i.indexprs IS NULL, 'sql', pg_get_indexdef(i.indexrelid)) ORDER BY i.indisprimary DESC, x.relname), '[]')
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid)`;

const REFERENCES = `(SELECT coalesce(json_agg(json_build_object('schema', n.nspname, 'name', p.relname,
    'from', (SELECT json_agg(a.attname ORDER BY u.at) FROM unnest(k.conkey) WITH ORDINALITY AS u(attnum, at)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum),
    'to', (SELECT json_agg(a.attname ORDER BY u.at) FROM unnest(k.confkey) WITH ORDINALITY AS u(attnum, at)
      JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum)) ORDER BY k.conname), '[]')
  FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace n ON n.oid = p.relnamespace
  WHERE k.conrelid = c.oid AND k.contype = 'f')`;

const COMPUTED = `(SELECT coalesce(json_agg(pg_get_expr(f.adbin, f.adrelid) ORDER BY f.adnum), '[]')
  FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum WHERE f.adrelid = c.oid AND a.attgenerated <> '')`;

const CHECKS = `(SELECT coalesce(json_agg(pg_get_expr(k.conbin, k.conrelid) ORDER BY k.conname), '[]')
  FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c')`;

const tablesSql = (scope: Scope) => `WITH RECURSIVE ${scopeSql(scope)},
based AS (
  SELECT t.oid, t.oid AS base FROM pg_type t WHERE t.typtype <> 'd'
  UNION ALL SELECT t.oid, based.base FROM based JOIN pg_type t ON t.typtype = 'd' AND t.typbasetype = based.oid)
SELECT json_build_object('oid', c.oid::text, 'schema', c.nspname, 'name', c.relname, 'kind', c.relkind, 'partition', c.relispartition,
  'parents', (SELECT coalesce(json_agg(i.inhparent::text ORDER BY i.inhseqno), '[]') FROM pg_inherits i WHERE i.inhrelid = c.oid),
  'columns', ${COLUMNS}, 'uniques', ${UNIQUES}, 'references', ${REFERENCES}, 'computed', ${COMPUTED}, 'checks', ${CHECKS})
FROM rel c WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' ORDER BY c.nspname COLLATE "C", c.relname COLLATE "C"`;
