import type { Session } from '../driver.ts';
import { keyOf, type Named } from '../names.ts';
import { regclasses, type Suspended } from '../restore/suspend.ts';

/** Those of these tables, as people call them, on which something would fire that does not now. */
export async function withTriggers(session: Session, tables: readonly Named[]): Promise<string[]> {
  const rows =
    await session.query(`SELECT DISTINCT n.nspname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.tgrelid = ANY(${regclasses(tables)}) AND t.tgenabled <> 'D' AND NOT t.tgisinternal ORDER BY 1, 2`);
  return rows.map(([schema, name]) => keyOf({ schema: `${schema}`, name: `${name}` }));
}

/** A rule would make something else of what is asked. */
export async function suspendRules(session: Session, tables: readonly Named[]): Promise<Suspended> {
  const rows =
    await session.query(`SELECT format('ALTER TABLE %s DISABLE RULE %I', r.ev_class::regclass, r.rulename), format('ALTER TABLE %s %s RULE %I', r.ev_class::regclass,
      CASE r.ev_enabled WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END, r.rulename)
    FROM pg_rewrite r WHERE r.ev_class = ANY(${regclasses(tables)}) AND r.ev_enabled <> 'D' ORDER BY 1`);
  for (const [away] of rows) await session.query(away ?? '');
  return {
    async resume() {
      for (const [, back] of rows) await session.query(back ?? '');
    },
  };
}
