import { entry, type Piece } from './piece.ts';

/** What a sequence is, as CREATE SEQUENCE and an identity column say it. Over `pg_sequence s` and `pg_class c`. */
export const sequenceOptions = `concat('START WITH ', s.seqstart, ' INCREMENT BY ', s.seqincrement, ' MINVALUE ', s.seqmin, ' MAXVALUE ', s.seqmax,
  ' CACHE ', s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' END)`;

const isIdentity = `EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i'
  AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0)`;

/** Sequences that no identity column makes by itself. */
export const sequences: Piece = `
SELECT ${entry('pg_class', 'c.oid')}, 'sequence', c.nspname, c.relname, '', '',
  concat('CREATE ', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' END, 'SEQUENCE ', c.q, ' AS ', format_type(s.seqtypid, NULL), ' ', ${sequenceOptions}), ''
FROM rel c JOIN pg_sequence s ON s.seqrelid = c.oid WHERE c.relkind = 'S' AND NOT ${isIdentity}`;

export const sequenceOwners: Piece = `
SELECT '', 'alter', '', c.relname || ' is owned', t.nspname, t.relname,
  format('ALTER SEQUENCE %s OWNED BY %s.%I', c.q, t.q, a.attname), concat_ws(' ', ${entry('pg_class', 'c.oid')}, ${entry('pg_class', 't.oid')})
FROM rel c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a' AND d.refclassid = 'pg_class'::regclass
  AND d.refobjsubid > 0
  JOIN rel t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S'`;
