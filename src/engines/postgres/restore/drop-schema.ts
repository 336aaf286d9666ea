import type { SchemaObject } from '../../../core/manifest.ts';
import { otherThingsNeedIt } from '../../../core/problems/postgres.ts';
import { type Scope, scopeSql } from '../catalog/scope.ts';
import type { Session } from '../driver.ts';
import { literal, namedBy, qualified, quoted } from '../names.ts';

/** What has a name of its own and goes by it; everything else goes with what it is on. Schemas and extensions stay. */
const GOES: Readonly<Record<string, string>> = {
  collation: 'COLLATION',
  dictionary: 'TEXT SEARCH DICTIONARY',
  configuration: 'TEXT SEARCH CONFIGURATION',
  enum: 'TYPE',
  domain: 'DOMAIN',
  composite: 'TYPE',
  range: 'TYPE',
  sequence: 'SEQUENCE',
  table: 'TABLE',
  view: 'VIEW',
  'materialized view': 'MATERIALIZED VIEW',
  function: 'FUNCTION',
  procedure: 'PROCEDURE',
};

/** The statements that take these definitions away, the last first. What is gone with another is gone. */
export function dropsOf(schema: readonly SchemaObject[]): string[] {
  return schema.toReversed().flatMap(({ type, name }) => {
    const kind = GOES[type];
    return kind === undefined ? [] : [`DROP ${kind} IF EXISTS ${nameOf(type, name)} CASCADE`];
  });
}

/** A function's name has its arguments with it, as SQL. */
function nameOf(type: string, name: string): string {
  const named = namedBy(name);
  const isCalled = type === 'function' || type === 'procedure';
  return isCalled ? `${quoted(named.schema)}.${named.name}` : qualified(named);
}

/**
 * Throws DATABASE_FAILED where something that no backup of this database knows needs what is to go, and would go with it: a trigger on a
 * host's table, a view in a host's schema, a table that stays (`stays`).
 */
export async function mustBeAlone(
  session: Session,
  label: string,
  scope: Scope,
  stays: readonly string[],
): Promise<void> {
  const outside = (await session.query(dependentsSql(scope, stays))).map(([what]) => what ?? '');
  if (outside.length > 0) throw otherThingsNeedIt(label, outside)();
}

/** A foreign key to what goes is made again; to be told what changes, or who may use it, is all that a publication and a grant need. */
const dependentsSql = (scope: Scope, stays: readonly string[]) => `WITH ${scopeSql(scope)},
kept AS (SELECT to_regclass(each)::oid AS oid FROM unnest(ARRAY[${stays.map((key) => literal(qualified(namedBy(key)))).join(', ')}]::text[]) AS each),
going AS (SELECT oid, reltype FROM rel WHERE oid NOT IN (SELECT oid FROM kept WHERE oid IS NOT NULL))
SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d
WHERE d.deptype IN ('n', 'a') AND d.objid >= 16384 AND (
  d.refclassid = 'pg_class'::regclass AND d.refobjid IN (SELECT oid FROM going)
  OR d.refclassid = 'pg_type'::regclass AND (d.refobjid IN (SELECT oid FROM typ WHERE typrelid = 0) OR d.refobjid IN (SELECT reltype FROM going))
  OR d.refclassid = 'pg_proc'::regclass AND d.refobjid IN (SELECT oid FROM fun)
  OR d.refclassid = 'pg_collation'::regclass AND d.refobjid IN (SELECT oid FROM pg_collation WHERE collnamespace IN (SELECT oid FROM ns))
  OR d.refclassid = 'pg_ts_config'::regclass AND d.refobjid IN (SELECT oid FROM pg_ts_config WHERE cfgnamespace IN (SELECT oid FROM ns))
  OR d.refclassid = 'pg_ts_dict'::regclass AND d.refobjid IN (SELECT oid FROM pg_ts_dict WHERE dictnamespace IN (SELECT oid FROM ns)))
AND NOT EXISTS (SELECT FROM ext WHERE ext.classid = d.classid AND ext.objid = d.objid)
AND NOT CASE d.classid::regclass::text
  WHEN 'pg_class' THEN d.objid IN (SELECT oid FROM going)
    OR EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = d.objid AND i.indrelid IN (SELECT oid FROM going))
    OR EXISTS (SELECT FROM pg_class t WHERE t.reltoastrelid = d.objid)
  WHEN 'pg_type' THEN d.objid IN (SELECT oid FROM typ)
  WHEN 'pg_proc' THEN d.objid IN (SELECT oid FROM fun)
  WHEN 'pg_constraint' THEN EXISTS (SELECT FROM pg_constraint k WHERE k.oid = d.objid
    AND (k.contype = 'f' OR k.conrelid IN (SELECT oid FROM going) OR k.contypid IN (SELECT oid FROM typ)))
  WHEN 'pg_attrdef' THEN EXISTS (SELECT FROM pg_attrdef f WHERE f.oid = d.objid AND f.adrelid IN (SELECT oid FROM going))
  WHEN 'pg_rewrite' THEN EXISTS (SELECT FROM pg_rewrite r WHERE r.oid = d.objid AND r.ev_class IN (SELECT oid FROM going))
  WHEN 'pg_trigger' THEN EXISTS (SELECT FROM pg_trigger t WHERE t.oid = d.objid AND (t.tgrelid IN (SELECT oid FROM going) OR t.tgisinternal))
  WHEN 'pg_policy' THEN EXISTS (SELECT FROM pg_policy p WHERE p.oid = d.objid AND p.polrelid IN (SELECT oid FROM going))
  WHEN 'pg_statistic_ext' THEN EXISTS (SELECT FROM pg_statistic_ext s WHERE s.oid = d.objid AND s.stxrelid IN (SELECT oid FROM going))
  WHEN 'pg_ts_config' THEN EXISTS (SELECT FROM pg_ts_config c WHERE c.oid = d.objid AND c.cfgnamespace IN (SELECT oid FROM ns))
  WHEN 'pg_publication_rel' THEN true
  WHEN 'pg_default_acl' THEN true
  WHEN 'pg_extension' THEN true
  ELSE false END
ORDER BY 1`;
