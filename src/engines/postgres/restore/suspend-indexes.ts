import type { Session } from '../driver.ts';
import type { Named } from '../names.ts';
import { regclasses, type Suspended } from './suspend.ts';

/**
 * Indexes and keys of tables that are filled from the beginning go until then: to make one takes a third of the time that filling it does. Those
 * stay that something else needs, that belong to the index of a whole, or of which more is said than their definition says.
 */
export async function suspendIndexes(session: Session, tables: readonly Named[]): Promise<Suspended> {
  if (tables.length === 0) return { resume: async () => {} };
  const rows = await session.query(indexesOf(tables));
  for (const [away] of rows) await session.query(away ?? '');
  return {
    async resume() {
      for (const [, back] of rows) await session.query(back ?? '');
    },
  };
}

const indexesOf = (tables: readonly Named[]) => `
SELECT CASE WHEN k.oid IS NULL THEN 'DROP INDEX ' || x.oid::regclass ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', i.indrelid::regclass, k.conname) END,
  CASE WHEN k.oid IS NULL THEN pg_get_indexdef(x.oid)
    ELSE format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s', i.indrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) END
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
  LEFT JOIN pg_constraint k ON k.conindid = x.oid AND k.contype IN ('p', 'u', 'x')
WHERE i.indrelid = ANY(${regclasses(tables)}) AND c.relkind = 'r' AND NOT c.relispartition AND i.indisvalid AND NOT i.indisreplident AND NOT i.indisclustered
  AND x.reltablespace = 0 AND obj_description(x.oid, 'pg_class') IS NULL AND (k.oid IS NULL OR obj_description(k.oid, 'pg_constraint') IS NULL)
  AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = x.oid AND a.attstattarget >= 0)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype = 'n' AND (d.refclassid = 'pg_class'::regclass AND d.refobjid = x.oid
    OR d.refclassid = 'pg_constraint'::regclass AND d.refobjid = k.oid))
ORDER BY x.oid::regclass::text COLLATE "C"`;
