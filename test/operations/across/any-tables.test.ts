import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OverwinterError } from '../../../src/core/errors.ts';
import { inFolder } from '../../../src/engines/postgres/folder.ts';
import { sqliteDatabase } from '../../../src/engines/sqlite/database.ts';
import { copy, madeIn, pgliteIn, valuesIn } from '../../support/across.ts';
import { tries } from '../../support/chance.ts';
import { type LooseTables, looseTables } from '../../support/loose-tables.ts';
import { emptyPglite } from '../../support/pglite.ts';
import { FASTEST, lasting } from '../../support/scratch.ts';

const sqliteAt = (file: string) => sqliteDatabase(file, { busyTimeout: 2000 });

test('any tables come to PostgreSQL and back with every value, or not at all', { timeout: 3_600_000 }, async () => {
  const folder = await emptyPglite(join(lasting(), 'pg'));
  const pg = pgliteIn(folder);
  let copied = 0;
  const emptied = async () => {
    const session = await inFolder(folder, 1000).connect();
    await session.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await session.close();
    return pg;
  };
  const comesBack = async ({ sql }: LooseTables) => {
    const work = mkdtempSync(join(FASTEST, 'overwinter-across-'));
    try {
      const file = madeIn(work, sql.join(';\n'));
      const to = await emptied();
      const tried = await copy(work, sqliteAt(file), to, true);
      if (tried.refused > 0) {
        await expect(copy(work, sqliteAt(file), to)).rejects.toMatchObject({ code: 'COPY_REFUSED' });
        expect(await to.standing([])).toBe('nothing');
        return;
      }
      await copy(work, sqliteAt(file), to);
      const back = join(work, 'back.db');
      await copy(work, to, sqliteAt(back));
      expect(valuesIn(back)).toEqual(valuesIn(file));
      copied++;
    } catch (error) {
      if (error instanceof OverwinterError) console.error(error, error.cause);
      throw error;
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  };
  await fc.assert(fc.asyncProperty(looseTables, comesBack), { numRuns: tries(6, 300) });
  await pg.close();
  expect(copied).toBeGreaterThan(0);
});
