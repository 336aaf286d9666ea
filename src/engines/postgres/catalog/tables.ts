import { entry, type Piece } from './piece.ts';
import { sequenceOptions } from './sequences.ts';

/** Whether something calls a function of the user's, which may need the table itself: then it is made when both are there. */
const callsUsers = (catalog: string, oid: string) => `EXISTS (SELECT FROM pg_depend d JOIN fun ON fun.oid = d.refobjid
  WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.refclassid = 'pg_proc'::regclass)`;

/** Conditions that stand in CREATE TABLE. A partition has those of the whole, or it could not be made part of it. */
const isInline = `(k.contype = 'c' AND k.convalidated AND NOT ${callsUsers('pg_constraint', 'k.oid')})`;

/**
 * All others, over `pg_constraint k`. What a partition has of the whole comes with it. From PostgreSQL 18 on NOT NULL is one, too: it stands
 * alone where it was not tried, and where a child says it of what its parent has.
 */
export const standsAlone = `(k.contype IN ('p', 'u', 'x', 'f', 'c') AND NOT ${isInline}
  AND NOT (k.contype = 'f' AND k.conparentid <> 0) AND NOT (k.contype = 'c' AND NOT k.conislocal)
  OR k.contype = 'n' AND k.conislocal AND (NOT k.convalidated OR NOT c.relispartition AND EXISTS (SELECT FROM pg_attribute a
    WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1] AND NOT a.attislocal)))`;

const identity = `(SELECT concat(' GENERATED ', CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
    ' AS IDENTITY (SEQUENCE NAME ', q.oid::regclass, ' ', ${sequenceOptions}, ')')
  FROM pg_depend d JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S' JOIN pg_sequence s ON s.seqrelid = q.oid
  WHERE a.attidentity <> '' AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
    AND d.refobjsubid = a.attnum AND d.deptype = 'i')`;

const value = `CASE WHEN a.attgenerated <> ''
    THEN concat(' GENERATED ALWAYS AS (', pg_get_expr(f.adbin, f.adrelid), ')', CASE a.attgenerated WHEN 's' THEN ' STORED' END)
  WHEN NOT ${callsUsers('pg_attrdef', 'f.oid')} THEN ' DEFAULT ' || pg_get_expr(f.adbin, f.adrelid) END`;

/** From PostgreSQL 18 on it has a name, and is inherited or not. */
const notNull = `CASE WHEN a.attnotnull THEN coalesce((SELECT CASE WHEN k.convalidated THEN concat(
    CASE WHEN k.conname <> c.relname || '_' || a.attname || '_not_null' THEN ' CONSTRAINT ' || quote_ident(k.conname) END,
    ' NOT NULL', CASE WHEN k.connoinherit THEN ' NO INHERIT' END) ELSE '' END
  FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]), ' NOT NULL') END`;

/** What comes from a parent is not said again; a partition says it all, so that its columns stand in its own order. */
const columns = `(SELECT string_agg(concat(E'\\n    ', quote_ident(a.attname), ' ', format_type(a.atttypid, a.atttypmod),
    CASE to_jsonb(a) ->> 'attcompression' WHEN 'p' THEN ' COMPRESSION pglz' WHEN 'l' THEN ' COMPRESSION lz4' END,
    CASE WHEN a.attcollation <> b.typcollation THEN ' COLLATE ' || a.attcollation::regcollation END,
    ${value}, ${identity}, ${notNull}), ',' ORDER BY a.attnum)
  FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attislocal OR c.relispartition))`;

const conditions = `(SELECT string_agg(concat(E'\\n    CONSTRAINT ', quote_ident(k.conname), ' ', pg_get_constraintdef(k.oid)), ',' ORDER BY k.conname)
  FROM pg_constraint k WHERE k.conrelid = c.oid AND (k.conislocal OR c.relispartition) AND ${isInline})`;

/** Options as WITH says them. Their order follows from who set which of them first, and says nothing. */
export const withOptions = (options: string): string =>
  `' WITH (' || (SELECT string_agg(concat(scope, quote_ident(split_part(o, '=', 1)), '=', quote_literal(substr(o, strpos(o, '=') + 1))), ', ' ORDER BY scope, o)
    FROM (${options}) AS all_options(scope, o)) || ')'`;

export const ownOptions = "SELECT '', unnest(c.reloptions)";
const toastOptions = "SELECT 'toast.', unnest(x.reloptions) FROM pg_class x WHERE x.oid = c.reltoastrelid";

const parents = `(SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i
  WHERE i.inhrelid = c.oid AND NOT c.relispartition)`;

/** How it keeps its rows, where that is not the usual way. */
export const accessMethod = `(SELECT ' USING ' || quote_ident(m.amname) FROM pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap')`;

export const tables: Piece = `
SELECT ${entry('pg_class', 'c.oid')}, 'table', c.nspname, c.relname, c.nspname, c.relname,
  concat('CREATE ', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' END, 'TABLE ', c.q, ' (',
    nullif(concat_ws(',', ${columns}, ${conditions}), '') || E'\\n', ')',
    ' INHERITS (' || ${parents} || ')', ' PARTITION BY ' || pg_get_partkeydef(c.oid), ${accessMethod},
    ${withOptions(`${ownOptions} UNION ALL ${toastOptions}`)}), ''
FROM rel c WHERE c.relkind IN ('r', 'p')`;

export const partitions: Piece = `
SELECT '', 'partition', '', c.relname || ' is a part', w.nspname, w.relname,
  format('ALTER TABLE ONLY %s ATTACH PARTITION %s %s', w.q, c.q, pg_get_expr(c.relpartbound, c.oid)),
  concat_ws(' ', ${entry('pg_class', 'c.oid')}, ${entry('pg_class', 'w.oid')})
FROM rel c JOIN pg_inherits i ON i.inhrelid = c.oid JOIN rel w ON w.oid = i.inhparent WHERE c.relispartition AND c.relkind IN ('r', 'p')`;

/** Values by default that call a function of the user's, that stand where a parent's might, or that a view has. */
export const defaults: Piece = `
SELECT ${entry('pg_attrdef', 'f.oid')}, 'default', '', a.attname, c.nspname, c.relname,
  format('ALTER TABLE ONLY %s ALTER COLUMN %I SET DEFAULT %s', c.q, a.attname, pg_get_expr(f.adbin, f.adrelid)), ${entry('pg_class', 'c.oid')}
FROM rel c JOIN pg_attrdef f ON f.adrelid = c.oid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = f.adnum
WHERE a.attgenerated = '' AND (c.relkind = 'v' OR ${callsUsers('pg_attrdef', 'f.oid')} OR NOT a.attislocal AND NOT c.relispartition)
UNION ALL
SELECT '', 'default', '', a.attname, c.nspname, c.relname, format('ALTER TABLE ONLY %s ALTER COLUMN %I DROP DEFAULT', c.q, a.attname),
  ${entry('pg_class', 'c.oid')}
FROM rel c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.atthasdef
WHERE c.relkind = 'r' AND NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits i
  JOIN pg_attribute b ON b.attrelid = i.inhparent AND b.attname = a.attname AND b.atthasdef AND b.attgenerated = '' WHERE i.inhrelid = c.oid)`;
