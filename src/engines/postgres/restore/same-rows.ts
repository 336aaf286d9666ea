import { createHash } from 'node:crypto';
import { type LeftOut, stillMissing } from '../../../core/privacy/left-out.ts';
import { restoreInexact } from '../../../core/problems/restoring.ts';
import type { ReadTable } from '../../engine.ts';
import { isInternal } from '../codec.ts';
import type { Session } from '../driver.ts';
import type { Surveyed } from './survey.ts';
import type { RestoreTarget } from './target.ts';

/**
 * Reads what was put in, as a backup would, and holds it against what was to be put in, to the byte; only of these tables. Throws
 * RESTORE_INEXACT.
 */
export async function mustBeSame(
  target: RestoreTarget,
  session: Session,
  leftOut: LeftOut,
  surveyed: ReadonlyMap<string, Surveyed>,
  loaded: readonly string[],
): Promise<void> {
  const reading = await target.readWithin(session, () => stillMissing(leftOut));
  try {
    const tables = new Map(reading.tables.map((table) => [table.name, table]));
    for (const name of loaded.filter((each) => !isInternal(each))) {
      const table = tables.get(name);
      const wanted = surveyed.get(name);
      if (table === undefined || wanted === undefined || (await digestOf(table)) !== wanted.digest)
        throw restoreInexact(`with table '${name}'`, 'read again, it says something else')();
    }
  } finally {
    await reading.close();
  }
}

async function digestOf(table: ReadTable): Promise<string> {
  const hash = createHash('sha256');
  for await (const { chunks } of table.slices()) for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
