import { entry, type Piece } from './piece.ts';

export const enums: Piece = `
SELECT ${entry('pg_type', 't.oid')}, 'enum', t.nspname, t.typname, '', '', format('CREATE TYPE %s AS ENUM (%s)', t.q,
  (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)), ''
FROM typ t WHERE t.typtype = 'e'`;

/** A condition that was not tried on what is there is made afterwards. */
export const domains: Piece = `
SELECT ${entry('pg_type', 't.oid')}, 'domain', t.nspname, t.typname, '', '', concat('CREATE DOMAIN ', t.q, ' AS ', format_type(t.typbasetype, t.typtypmod),
  CASE WHEN t.typcollation <> b.typcollation THEN ' COLLATE ' || t.typcollation::regcollation END,
  ' DEFAULT ' || pg_get_expr(t.typdefaultbin, 'pg_type'::regclass),
  CASE WHEN t.typnotnull THEN (SELECT ' CONSTRAINT ' || quote_ident(c.conname) FROM pg_constraint c
    WHERE c.contypid = t.oid AND c.contype = 'n' AND c.conname <> t.typname || '_not_null') END,
  CASE WHEN t.typnotnull THEN ' NOT NULL' END,
  (SELECT string_agg(' CONSTRAINT ' || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid), '' ORDER BY c.conname)
    FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c' AND c.convalidated)), ''
FROM typ t JOIN pg_type b ON b.oid = t.typbasetype WHERE t.typtype = 'd'`;

export const domainConstraints: Piece = `
SELECT ${entry('pg_constraint', 'c.oid')}, 'constraint', '', c.conname, t.nspname, t.typname,
  format('ALTER DOMAIN %s ADD CONSTRAINT %I %s', t.q, c.conname, pg_get_constraintdef(c.oid)), ''
FROM typ t JOIN pg_constraint c ON c.contypid = t.oid WHERE c.contype = 'c' AND NOT c.convalidated`;

export const composites: Piece = `
SELECT ${entry('pg_type', 't.oid')}, 'composite', t.nspname, t.typname, '', '', format('CREATE TYPE %s AS (%s)', t.q,
  (SELECT string_agg(concat(E'\\n    ', quote_ident(a.attname), ' ', format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.attcollation <> b.typcollation THEN ' COLLATE ' || a.attcollation::regcollation END), ',' ORDER BY a.attnum) || E'\\n'
    FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)), ''
FROM typ t JOIN pg_class c ON c.oid = t.typrelid WHERE t.typtype = 'c' AND c.relkind = 'c'`;

export const ranges: Piece = `
SELECT ${entry('pg_type', 't.oid')}, 'range', t.nspname, t.typname, '', '', format('CREATE TYPE %s AS RANGE (%s)', t.q, concat_ws(', ',
  'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
  CASE WHEN NOT o.opcdefault THEN format('SUBTYPE_OPCLASS = %I.%I', on_.nspname, o.opcname) END,
  CASE WHEN r.rngcollation <> s.typcollation THEN 'COLLATION = ' || r.rngcollation::regcollation END,
  CASE WHEN r.rngcanonical <> 0 THEN 'CANONICAL = ' || r.rngcanonical END,
  CASE WHEN r.rngsubdiff <> 0 THEN 'SUBTYPE_DIFF = ' || r.rngsubdiff END,
  'MULTIRANGE_TYPE_NAME = ' || (to_jsonb(r) ->> 'rngmultitypid')::oid::regtype)), ''
FROM typ t JOIN pg_range r ON r.rngtypid = t.oid JOIN pg_type s ON s.oid = r.rngsubtype
  JOIN pg_opclass o ON o.oid = r.rngsubopc JOIN pg_namespace on_ ON on_.oid = o.opcnamespace
WHERE t.typtype = 'r'`;
