import type { Piece } from './piece.ts';

/** What COMMENT ON calls each of them, from what the catalog calls it. */
const subject = `CASE
  WHEN i.type LIKE '%column' THEN 'COLUMN ' || i.identity
  WHEN i.type = 'table constraint' THEN 'CONSTRAINT ' || i.identity
  WHEN i.type = 'domain constraint' THEN regexp_replace('CONSTRAINT ' || i.identity, ' on ([^ "]|"([^"]|"")*")+$', '')
    || (SELECT format(' ON DOMAIN %I.%I', n.nspname, t.typname) FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid
      JOIN pg_namespace n ON n.oid = t.typnamespace WHERE k.oid = d.objoid)
  WHEN i.type = 'statistics object' THEN 'STATISTICS ' || i.identity
  ELSE upper(i.type) || ' ' || i.identity END`;

/**
 * On everything that is there; what an extension or a new database says by itself is not said again. What is the system's own, thousands of
 * them, is passed over before it is asked what it is of.
 */
export const comments: Piece = `
SELECT '', 'comment', '', concat(i.type, ' ', i.identity), '', '', format('COMMENT ON %s IS %L', ${subject}, d.description),
  concat(d.classoid::regclass, ':', d.objoid)
FROM pg_description d, LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
WHERE d.classoid IN ('pg_namespace'::regclass, 'pg_extension'::regclass, 'pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass,
    'pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_rewrite'::regclass, 'pg_statistic_ext'::regclass,
    'pg_collation'::regclass, 'pg_ts_dict'::regclass, 'pg_ts_config'::regclass)
  AND (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass)
  AND (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass AND i.identity = 'public' AND d.description <> 'standard public schema')
  AND NOT (d.classoid = 'pg_extension'::regclass AND EXISTS (SELECT FROM pg_available_extensions() v JOIN pg_extension e ON e.extname = v.name
    WHERE e.oid = d.objoid AND v.comment = d.description))`;
