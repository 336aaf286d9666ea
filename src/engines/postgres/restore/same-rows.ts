import { createHash } from 'node:crypto';
import { type LeftOut, stillMissing } from '../../../core/privacy/left-out.ts';
import { restoreInexact } from '../../../core/problems/restoring.ts';
import type { ReadTable, SliceSource } from '../../engine.ts';
import { isInternal } from '../codec.ts';
import type { Session } from '../driver.ts';
import { piecesOf } from './survey.ts';
import type { RestoreTarget } from './target.ts';

/**
 * Reads what was put in, as a backup would, and holds it against what was to be put in, to the byte; only of these tables. Throws
 * RESTORE_INEXACT.
 */
export async function mustBeSame(
  target: RestoreTarget,
  session: Session,
  leftOut: LeftOut,
  slices: SliceSource,
  loaded: readonly string[],
): Promise<void> {
  const reading = await target.readWithin(session, () => stillMissing(leftOut));
  try {
    const tables = new Map(reading.tables.map((table) => [table.name, table]));
    for (const name of loaded.filter((each) => !isInternal(each))) {
      const table = tables.get(name);
      if (table === undefined || (await digestOf(chunksOf(table))) !== (await digestOf(piecesOf(slices(name)))))
        throw restoreInexact(`with table '${name}'`, 'read again, it says something else')();
    }
  } finally {
    await reading.close();
  }
}

async function* chunksOf(table: ReadTable): AsyncGenerator<Uint8Array> {
  for await (const { chunks } of table.slices()) yield* chunks;
}

async function digestOf(all: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of all) hash.update(bytes);
  return hash.digest('hex');
}
