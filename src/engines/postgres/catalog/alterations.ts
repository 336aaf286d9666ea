import { entry, type Piece } from './piece.ts';

/** What CREATE TABLE cannot say of a column, and is to be so before rows come in. PGlite notes with each in which version it was made. */
export const columnSettings: Piece = `
SELECT '', 'alter', '', concat(a.attname, ' ', e.what), c.nspname, c.relname,
  concat('ALTER ', CASE WHEN c.relkind = 'm' THEN 'MATERIALIZED VIEW ' WHEN e.what = 'is never NULL' THEN 'TABLE ' ELSE 'TABLE ONLY ' END, c.q, ' ALTER COLUMN ', quote_ident(a.attname), ' SET ', e.sql), ${entry('pg_class', 'c.oid')}
FROM rel c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type b ON b.oid = a.atttypid,
LATERAL (VALUES
  ('is stored', CASE WHEN a.attstorage <> b.typstorage THEN 'STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END),
  ('is never NULL', CASE WHEN a.attnotnull AND NOT a.attislocal AND NOT c.relispartition
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]) AND NOT EXISTS (SELECT FROM pg_inherits i
    JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND p.attnotnull WHERE i.inhrelid = c.oid) THEN 'NOT NULL' END),
  ('is sampled', 'STATISTICS ' || nullif(a.attstattarget, -1)),
  ('has options', '(' || (SELECT string_agg(concat(quote_ident(split_part(o, '=', 1)), '=', quote_literal(substr(o, strpos(o, '=') + 1))), ', ' ORDER BY o) FROM unnest(a.attoptions) o WHERE o !~ '^pg_attver=') || ')')
) AS e(what, sql)
WHERE e.sql IS NOT NULL AND c.relkind IN ('r', 'p', 'm')`;

export const typedTables: Piece = `
SELECT '', 'alter', '', c.relname || ' is of a type', c.nspname, c.relname, format('ALTER TABLE %s OF %s', c.q, c.reloftype::regtype),
  concat_ws(' ', ${entry('pg_class', 'c.oid')}, ${entry('pg_type', 'c.reloftype')})
FROM rel c WHERE c.reloftype <> 0`;

/** What changed rows tell to whoever follows them, and by which index rows are laid out. */
export const indexUses: Piece = `
SELECT '', 'setting', '', e.what, c.nspname, c.relname, format('ALTER TABLE ONLY %s %s', c.q, e.sql), concat_ws(' ', ${entry('pg_class', 'c.oid')}, e.needs)
FROM rel c, LATERAL (
  SELECT 'replica identity', CASE c.relreplident WHEN 'f' THEN 'REPLICA IDENTITY FULL' WHEN 'n' THEN 'REPLICA IDENTITY NOTHING' END, ''
  UNION ALL
  SELECT 'replica identity', 'REPLICA IDENTITY USING INDEX ' || quote_ident(x.relname), ${entry('pg_class', 'x.oid')}
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisreplident
  UNION ALL
  SELECT 'clustered', 'CLUSTER ON ' || quote_ident(x.relname), ${entry('pg_class', 'x.oid')}
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisclustered
) AS e(what, sql, needs)
WHERE e.sql IS NOT NULL AND c.relkind IN ('r', 'p', 'm')`;

export const indexStatistics: Piece = `
SELECT '', 'setting', '', concat(c.relname, ' ', a.attnum, ' is sampled'), t.nspname, t.relname,
  format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', c.q, a.attnum, a.attstattarget), ${entry('pg_class', 'c.oid')}
FROM rel c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_index i ON i.indexrelid = c.oid JOIN rel t ON t.oid = i.indrelid
WHERE c.relkind IN ('i', 'I') AND a.attstattarget >= 0 AND i.indisvalid`;
