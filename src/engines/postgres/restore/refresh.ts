import type { SchemaObject } from '../../../core/manifest.ts';
import type { Session } from '../driver.ts';
import { namedBy, qualified } from '../names.ts';

/** Materialized views that hold rows get them anew, each after those that it is made of. */
export async function refresh(session: Session, schema: readonly SchemaObject[]): Promise<void> {
  for (const { type, name, sql } of schema)
    if (type === 'materialized view' && !/\n {2}WITH NO DATA$/.test(sql))
      await session.query(`REFRESH MATERIALIZED VIEW ${qualified(namedBy(name))}`);
}
