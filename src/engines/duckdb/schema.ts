import { reasonOf } from '../../core/errors.ts';
import type { SchemaObject } from '../../core/manifest.ts';
import { viewBroken } from '../../core/problems/duckdb.ts';
import type { Row } from './driver.ts';
import { firstLine } from './duckdb-problem.ts';
import { macrosOf } from './macros.ts';
import { byText, keyOf, literal, MAIN, qualified, quoted } from './names.ts';
import type { Db } from './open.ts';
import type { Table } from './tables.ts';

/**
 * Everything that is defined, kind by kind, each in the order of its names. What DuckDB itself would write (EXPORT DATABASE) has no
 * comments, and cannot be read back where a view reads one that comes later.
 */
export async function readSchema(db: Db, tables: readonly Table[]): Promise<SchemaObject[]> {
  const here = `database_name = ${literal(db.catalog)}`;
  const schemas = await db.rows(`SELECT schema_name FROM duckdb_schemas() WHERE ${here} AND NOT internal`);
  const objects = [
    sorted(schemas.filter(([name]) => name !== MAIN).map(schemaObject)),
    sorted(await typesOf(db, here)),
    sorted(await sequencesOf(db, here)),
    sorted(await macrosOf(db, here)),
    tables.map(({ key, sql }) => ({ type: 'table', name: key, table: key, sql })),
    sorted(await viewsOf(db, here)),
    sorted(await indexesOf(db, here)),
    sorted(await commentsOf(db, here)),
  ];
  return objects.flat();
}

const sorted = (objects: readonly SchemaObject[]) => [...objects].sort((a, b) => byText(a.name, b.name));

function schemaObject([name]: Row): SchemaObject {
  const schema = name ?? '';
  return { type: 'schema', name: schema, table: schema, sql: `CREATE SCHEMA ${quoted(schema)};` };
}

async function typesOf(db: Db, here: string): Promise<SchemaObject[]> {
  const rows = await db.rows(`SELECT schema_name, type_name FROM duckdb_types() WHERE ${here} AND NOT internal`);
  const objects: SchemaObject[] = [];
  for (const [schema, name] of rows) {
    const named = { schema: schema ?? '', name: name ?? '' };
    const [[type = ''] = []] = await db.rows(`SELECT typeof(CAST(NULL AS ${qualified(named)}))`);
    const key = keyOf(named);
    objects.push({ type: 'type', name: key, table: key, sql: `CREATE TYPE ${qualified(named)} AS ${type};` });
  }
  return objects;
}

/** Without where it stands, which is kept among the rows. DuckDB's own text of it forgets the quotes. */
async function sequencesOf(db: Db, here: string): Promise<SchemaObject[]> {
  const rows = await db.rows(
    `SELECT schema_name, sequence_name, increment_by, min_value, max_value, "cycle" FROM duckdb_sequences()
      WHERE ${here} AND NOT temporary`,
  );
  return rows.map(([schema, name, step, least, most, cycle]) => {
    const named = { schema: schema ?? '', name: name ?? '' };
    const words = `INCREMENT BY ${step} MINVALUE ${least} MAXVALUE ${most} ${cycle === 'true' ? 'CYCLE' : 'NO CYCLE'}`;
    const key = keyOf(named);
    return { type: 'sequence', name: key, table: key, sql: `CREATE SEQUENCE ${qualified(named)} ${words};` };
  });
}

/** Throws DATABASE_FAILED for a view that nobody could make again. */
async function viewsOf(db: Db, here: string): Promise<SchemaObject[]> {
  const rows = await db.rows(
    `SELECT schema_name, view_name, sql FROM duckdb_views() WHERE ${here} AND NOT internal AND NOT temporary`,
  );
  const objects: SchemaObject[] = [];
  for (const [schema, name, sql] of rows) {
    const named = { schema: schema ?? '', name: name ?? '' };
    const key = keyOf(named);
    try {
      await db.rows(`SELECT 1 FROM ${qualified(named)} LIMIT 0`);
    } catch (error) {
      throw viewBroken(db.label, key, firstLine(reasonOf(error)))(error);
    }
    objects.push({ type: 'view', name: key, table: key, sql: sql ?? '' });
  }
  return objects;
}

async function indexesOf(db: Db, here: string): Promise<SchemaObject[]> {
  const rows = await db.rows(
    `SELECT schema_name, index_name, table_name, sql FROM duckdb_indexes() WHERE ${here} AND sql IS NOT NULL`,
  );
  return rows.map(([schema, name, table, sql]) => ({
    type: 'index',
    name: keyOf({ schema: schema ?? '', name: name ?? '' }),
    table: keyOf({ schema: schema ?? '', name: table ?? '' }),
    sql: sql ?? '',
  }));
}

const MACRO_KIND = "CASE function_type WHEN 'table_macro' THEN 'MACRO TABLE' ELSE 'MACRO' END";

async function commentsOf(db: Db, here: string): Promise<SchemaObject[]> {
  const said = (kind: string, from: string, name: string, table: string, column = 'NULL') =>
    `SELECT ${kind} AS kind, schema_name, ${name}, ${table}, ${column}, comment FROM ${from} WHERE ${here} AND comment IS NOT NULL`;
  const rows = await db.rows(
    [
      `${said("'TABLE'", 'duckdb_tables()', 'table_name', 'table_name')} AND NOT internal`,
      `${said("'VIEW'", 'duckdb_views()', 'view_name', 'view_name')} AND NOT internal`,
      `${said("'COLUMN'", 'duckdb_columns()', 'table_name', 'table_name', 'column_name')} AND NOT internal`,
      said("'INDEX'", 'duckdb_indexes()', 'index_name', 'table_name'),
      said("'SEQUENCE'", 'duckdb_sequences()', 'sequence_name', 'sequence_name'),
      `${said("'TYPE'", 'duckdb_types()', 'type_name', 'type_name')} AND NOT internal`,
      said(MACRO_KIND, 'duckdb_functions()', 'function_name', 'function_name'),
    ].join(' UNION '),
  );
  return rows.map(([kind, schema, name, table, column, comment]) => {
    const named = { schema: schema ?? '', name: name ?? '' };
    const [behind, place] = column == null ? ['', ''] : [`.${column}`, `.${quoted(column)}`];
    return {
      type: 'comment',
      name: `${kind?.toLowerCase()} ${keyOf(named)}${behind}`,
      table: keyOf({ schema: schema ?? '', name: table ?? '' }),
      sql: `COMMENT ON ${kind} ${qualified(named)}${place} IS ${literal(comment ?? '')};`,
    };
  });
}
