import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stage } from '../../../src/engines/postgres/restore/stage.ts';
import { slicesOf } from '../../support/as-backup.ts';
import { tries } from '../../support/chance.ts';
import { catalogOf } from '../../support/pg-catalog.ts';
import { pgDump } from '../../support/pg-dump.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';
import { databases } from './made-up.ts';
import { saved, targetOf } from './support.ts';

/** Rows lie as they came in, which a backup does not keep. */
const dumpOf = (database: TestDatabase) => `${pgDump(database, '--schema-only')}\n${catalogOf(database)}`;

describe.skipIf(postgresPrograms() === undefined)('databases that nobody thought of', () => {
  test('come back as they were: in an empty one, in their own place, and where another stands', {
    timeout: 600_000,
  }, async () => {
    let stands: TestDatabase | undefined;
    await fc.assert(
      fc.asyncProperty(databases, async (sql) => {
        const from = await freshDatabase();
        from.psql(sql);
        const backup = await saved(from, undefined, 'app');
        const wanted = dumpOf(from);
        // The first is empty; then there is always one that came before.
        stands ??= await freshDatabase();
        for (const to of [stands, from]) {
          const staged = stage(targetOf(to), 'replace', undefined);
          await staged.load(backup.content, slicesOf(backup), () => {});
          await staged.commit({
            ignore: [],
            patience: 5000,
            keep: async () => {},
            replaced: () => {},
            asideFolder: scratch,
            stamp: '',
          });
          expect(dumpOf(to)).toBe(wanted);
          expect((await saved(to, undefined, 'app')).digest).toBe(backup.digest);
        }
      }),
      { numRuns: tries(4, 60) },
    );
  });
});
