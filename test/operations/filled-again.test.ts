import { expect, test } from 'vitest';
import type { ReadTable } from '../../src/engines/engine.ts';
import { watchForValues } from '../../src/operations/filled-again.ts';
import type { Read } from '../../src/operations/loss.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

/** A column that was believed to be empty and is not: if the next backup went on believing it, nobody would miss what is in it. */

const watch = () =>
  watchForValues({
    empty: new Map([['notes', ['a', 'b', 'c']]]),
    believed: new Map([['notes', { columns: ['a', 'b'], parts: new Set(['old']) }]]),
    nulled: [],
  });

async function emptyAfter(
  parts: readonly (readonly [file: string, rows: number, text: string])[],
  still: readonly string[],
) {
  const asked: string[] = [];
  const values = watch();
  for (const [file, rows, text] of parts) values.part('notes', file, rows, Buffer.from(text));
  const table: ReadTable = {
    name: 'notes',
    own: true,
    rows: 1,
    there: 1,
    slices: () => [],
    sparseColumns: async () => [],
    emptyAmong: async (columns) => {
      asked.push(...columns);
      return columns.filter((column) => still.includes(column));
    },
    missingValue: async () => undefined,
    samples: async () => new Map(),
  };
  const project = projectIn(scratch());
  addNotes(project.db, 1);
  const reading = await project.database.read(scratch());
  try {
    const read: Read = { ...reading, tables: [table] };
    return { empty: (await values.empty(read)).get('notes'), asked };
  } finally {
    await reading.close();
  }
}

test('columns whose every new row says null are still empty, and nobody asks the table', async () => {
  const found = await emptyAfter([['new', 2, '{"a":null,"b":null}\n{"a":null,"b":null}\n']], []);
  expect(found).toEqual({ empty: ['a', 'b', 'c'], asked: [] });
});

test('one that has a value in a new part is not, and the others stay', async () => {
  const found = await emptyAfter([['new', 2, '{"a":null,"b":null}\n{"a":1,"b":null}\n']], []);
  expect(found).toEqual({ empty: ['b', 'c'], asked: ['a'] });
});

test('what only looks like a value is asked of the table itself', async () => {
  const found = await emptyAfter([['new', 1, '{"a":null,"b":null,"x":{"a":null}}\n']], ['a']);
  expect(found).toEqual({ empty: ['a', 'b', 'c'], asked: ['a'] });
});

test('a part that the backup before has, and another table, say nothing new', async () => {
  expect((await emptyAfter([['old', 1, '{"a":1,"b":1}\n']], [])).asked).toEqual([]);
  const values = watch();
  values.part('others', 'new', 1, Buffer.from('{"a":1}\n'));
  expect((await emptyAfter([], [])).empty).toEqual(['a', 'b', 'c']);
});

test('what one part showed is not forgotten by the next', async () => {
  const parts = [
    ['new', 1, '{"a":1,"b":null}\n'],
    ['newer', 1, '{"a":null,"b":2}\n'],
    ['newest', 1, '{"a":null,"b":null}\n'],
  ] as const;
  expect(await emptyAfter(parts, [])).toEqual({ empty: ['c'], asked: ['a', 'b'] });
});
