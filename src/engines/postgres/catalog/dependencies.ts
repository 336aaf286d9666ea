/**
 * What belongs to something that has a definition: the type of a table's rows to the table, the index of a key to the key, a member to
 * its extension. Pairs of keys.
 */
export const belongings = `
SELECT 'pg_type:' || t.oid, 'pg_class:' || t.typrelid FROM pg_type t JOIN rel c ON c.oid = t.typrelid WHERE c.relkind <> 'c'
UNION ALL SELECT 'pg_class:' || t.typrelid, 'pg_type:' || t.oid FROM typ t JOIN rel c ON c.oid = t.typrelid WHERE c.relkind = 'c'
UNION ALL SELECT 'pg_type:' || t.typarray, 'pg_type:' || t.oid FROM pg_type t WHERE t.typarray <> 0 AND t.oid >= 16384
UNION ALL SELECT 'pg_type:' || (to_jsonb(r) ->> 'rngmultitypid'), 'pg_type:' || r.rngtypid FROM pg_range r WHERE to_jsonb(r) ? 'rngmultitypid'
UNION ALL SELECT 'pg_class:' || d.objid, 'pg_class:' || d.refobjid FROM pg_depend d JOIN rel c ON c.oid = d.objid AND c.relkind = 'S'
  WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'i' AND d.refclassid = 'pg_class'::regclass
UNION ALL SELECT 'pg_constraint:' || k.oid, CASE WHEN k.conparentid <> 0 AND k.contype = 'f' THEN 'pg_constraint:' || k.conparentid
  WHEN k.contype = 't' THEN (SELECT 'pg_trigger:' || t.oid FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgparentid = 0)
  WHEN k.contypid <> 0 THEN 'pg_type:' || k.contypid ELSE 'pg_class:' || k.conrelid END FROM pg_constraint k JOIN ns ON ns.oid = k.connamespace
UNION ALL SELECT 'pg_class:' || k.conindid, 'pg_constraint:' || k.oid FROM pg_constraint k JOIN ns ON ns.oid = k.connamespace WHERE k.contype IN ('p', 'u', 'x')
UNION ALL SELECT 'pg_attrdef:' || f.oid, 'pg_class:' || f.adrelid FROM pg_attrdef f JOIN rel ON rel.oid = f.adrelid
UNION ALL SELECT 'pg_rewrite:' || r.oid, 'pg_class:' || r.ev_class FROM pg_rewrite r JOIN rel ON rel.oid = r.ev_class
UNION ALL SELECT 'pg_trigger:' || t.oid, CASE WHEN t.tgparentid <> 0 THEN 'pg_trigger:' || t.tgparentid ELSE 'pg_constraint:' || t.tgconstraint END
  FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid WHERE t.tgparentid <> 0 OR t.tgisinternal
UNION ALL SELECT concat(d.classid::regclass, ':', d.objid), concat(d.refclassid::regclass, ':', d.refobjid) FROM pg_depend d
  WHERE d.deptype = 'e' OR d.deptype = 'i' AND d.classid IN ('pg_proc'::regclass, 'pg_cast'::regclass)`;

/**
 * What the catalog says of what needs what, pairs of keys: without that a sequence needs the column that owns it and a part the whole,
 * because these are said when both are there.
 */
export const needs = `
SELECT DISTINCT concat(d.classid::regclass, ':', d.objid), concat(d.refclassid::regclass, ':', d.refobjid)
FROM pg_depend d LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
WHERE d.deptype IN ('n', 'a', 'i') AND d.objid >= 16384 AND d.refobjid >= 16384
  AND NOT (d.deptype = 'a' AND d.refclassid = 'pg_class'::regclass AND coalesce(c.relkind = 'S' OR c.relispartition AND c.relkind IN ('r', 'p'), false))`;
