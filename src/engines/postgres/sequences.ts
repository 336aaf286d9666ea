import { contentCutter, type Slice, targetSize } from '../../core/slices.ts';
import type { Scope } from './catalog/scope.ts';
import { scopeSql } from './catalog/scope.ts';
import type { Session } from './driver.ts';
import { keyOf, literal, type Named, qualified } from './names.ts';

/** Many more would be more than a statement may hold. */
const AT_ONCE = 500;

/** In the order of their names. */
export async function findSequences(session: Session, scope: Scope = {}): Promise<Named[]> {
  const rows = await session.query(`WITH ${scopeSql(scope)}
SELECT c.nspname, c.relname FROM rel c WHERE c.relkind = 'S' AND c.relpersistence <> 't'
ORDER BY c.nspname COLLATE "C", c.relname COLLATE "C"`);
  return rows.map(([schema, name]) => ({ schema: schema ?? '', name: name ?? '' }));
}

/**
 * Where each stands. A sequence belongs to no moment: what is read here may be later than the rows, and is never before them, as long as
 * they were read first.
 */
export async function* sequenceSlices(session: Session, sequences: readonly Named[]): AsyncGenerator<Slice> {
  const lines: string[] = [];
  for (let at = 0; at < sequences.length; at += AT_ONCE) {
    const some = sequences.slice(at, at + AT_ONCE);
    const terms = some.map(
      (each, order) =>
        `SELECT ${order} AS n, ${literal(keyOf(each))}::text, last_value, is_called FROM ${qualified(each)}`,
    );
    for (const [, sequence, last, called] of await session.query(`${terms.join(' UNION ALL ')} ORDER BY n`))
      lines.push(`{"sequence":${JSON.stringify(sequence)},"last_value":${last},"is_called":${called === 't'}}\n`);
  }
  const cutter = contentCutter(targetSize(lines.length));
  yield* cutter.add(Buffer.from(lines.join('')));
  yield* cutter.end();
}
