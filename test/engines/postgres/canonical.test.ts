import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { read } from '../../../src/engines/postgres/read.ts';
import { tries } from '../../support/chance.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import { readAll } from '../../support/reading.ts';

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)), maxLength: 12 }),
  )
  .filter((each) => !each.includes('\0') && each.isWellFormed());

/** A row as JavaScript has it, all of whose values come back from a line of JSON as they are. */
const row = fc.record({
  label: text,
  amount: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  ratio: fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => (each === 0 ? 0 : each)),
  isOn: fc.boolean(),
  blob: fc.uint8Array({ maxLength: 9 }),
  words: fc.option(fc.array(text, { maxLength: 3 })),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

/** Keys of every kind: of numbers, of texts, of two columns, and none. */
const KEYS: Readonly<Record<string, string>> = {
  number: 'PRIMARY KEY (id)',
  text: 'PRIMARY KEY (label)',
  both: 'PRIMARY KEY (label, id)',
  unique: 'UNIQUE (id)',
  none: 'CHECK (true)',
};

const asked = fc.record({
  key: fc.constantFrom(...Object.keys(KEYS)),
  rows: fc.uniqueArray(row, { selector: ({ label }) => label, maxLength: 30 }),
  /** Which of them come and go, and which are written twice. */
  history: fc.array(fc.nat(29), { maxLength: 20 }),
});

describe.skipIf(postgresPrograms() === undefined)('whatever rows there are', () => {
  let database: TestDatabase | undefined;
  let client = new pg.Client();
  beforeAll(async () => {
    database = await freshDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(() => client.end());

  const make = async (key: string, rows: readonly (readonly [number, Row])[]) => {
    await client.query(`DROP TABLE IF EXISTS t; CREATE TABLE t (id int NOT NULL, label text NOT NULL, amount int, ratio float8, "isOn" bool,
      blob bytea, words jsonb, ${KEYS[key]})`);
    for (const each of rows) await insert(each);
  };
  const insert = ([id, { label, amount, ratio, isOn, blob, words }]: readonly [number, Row]) =>
    client.query('INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      id,
      label,
      amount,
      ratio,
      isOn,
      Buffer.from(blob),
      words === null ? null : JSON.stringify(words),
    ]);
  const all = async () =>
    readAll(await read({ label: 'db', scope: {}, connect: () => connectToServer(database?.url ?? '', {}) }, undefined));

  test('a reading says them as they are, and the same however they came to be', async () => {
    const same = fc.asyncProperty(asked, async ({ key, rows, history }) => {
      const numbered = rows.map((each, at) => [at * 7, each] as const);
      await make(key, numbered);
      const one = await all();
      const lines = (one.lines.get('t') ?? '').split('\n').filter((line) => line !== '');
      const said = lines.map((line) => JSON.parse(line)).sort((a, b) => a.id - b.id);
      expect(said).toEqual(
        numbered.map(([id, { blob, words, ...rest }]) => ({
          id,
          ...rest,
          blob: { $blob: Buffer.from(blob).toString('base64') },
          words: words === null ? null : expect.any(String),
        })),
      );
      expect(said.map(({ words }) => (words === null ? null : JSON.parse(words)))).toEqual(
        rows.map(({ words }) => words),
      );
      await make(key, numbered.toReversed());
      for (const at of history) {
        const each = numbered[at];
        if (each === undefined) continue;
        await client.query('DELETE FROM t WHERE id = $1', [each[0]]);
        await insert(each);
        await client.query('UPDATE t SET amount = amount WHERE id % 2 = $1', [at % 2]);
      }
      expect((await all()).digest).toBe(one.digest);
    });
    await fc.assert(same, { numRuns: tries(8, 150) });
  });
});
