import { describe, expect, test } from 'vitest';
import { groupingOf } from '../../src/engines/sqlite/grouped-values.ts';
import { keeps, look } from '../support/round-trip.ts';

/** Values of every kind and of the sizes at which a head or a copy is another one. */
const VALUES: readonly ((at: number) => unknown)[] = [
  (at) => BigInt(at) * 922_337_203_685_477n,
  (at) => at / 7,
  () => null,
  () => '',
  (at) => `"${at}"\n\\ü😀`,
  (at) => 'x'.repeat(at % 300),
  (at) => (at % 50 === 0 ? 'long '.repeat(20_000) : 'short'),
];

describe.each(['UTF-8', 'UTF-16le'])('in %s', (encoding) => {
  test.each([2, 15, 16, 17, 51, 64, 65, 130])(
    'every value of rows of %i columns comes back in its own column',
    async (columns) => {
      const { copy } = await keeps((db) => {
        db.pragma(`encoding = '${encoding}'`);
        const names = Array.from({ length: columns }, (_, at) => `"c.${at} ""[0]"`);
        db.exec(`CREATE TABLE wide(id INTEGER PRIMARY KEY, ${names.join(', ')})`);
        const add = db.prepare(`INSERT INTO wide VALUES (?${', ?'.repeat(columns)})`);
        for (let id = 1; id <= 150; id++) {
          const values = names.map((_, at) => VALUES[(id * 31 + at * 7) % VALUES.length]?.(id + at));
          add.run(BigInt(id), ...values);
        }
        // Rows whose values JSON cannot say take another way.
        db.exec(
          `CREATE TABLE blobs AS SELECT * FROM wide LIMIT 20; UPDATE blobs SET "c.1 ""[0]" = x'00ff' WHERE id % 3 = 0`,
        );
      });
      expect(look(copy, (db) => db.prepare('SELECT count(*) FROM wide').pluck().get())).toBe(150);
    },
  );
});

test('narrow rows are left as they are', () => {
  expect(groupingOf(15)).toBeUndefined();
  expect(groupingOf(51)?.path(50)).toBe('$[6][2]');
});
