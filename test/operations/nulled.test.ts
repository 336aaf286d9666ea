import { expect, test } from 'vitest';
import type { TableData } from '../../src/core/manifest.ts';
import type { Memory } from '../../src/core/table-memory.ts';
import type { ReadTable } from '../../src/engines/engine.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { lookAtColumns, nulledBetween } from '../../src/operations/nulled.ts';
import type { Unsealed } from '../../src/operations/unseal.ts';
import { unseal } from '../../src/operations/unseal.ts';
import { memoryPlace, memoryStore } from '../support/memory-store.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

/** A column that had values and has none any more, seen in what is saved and in what was: some UPDATE without a WHERE. */

const lines = (count: number, value: (n: number) => unknown, column = 'text'): TableData => ({
  rows: Array.from({ length: count }, (_, n) => JSON.stringify({ id: n, [column]: value(n) })),
});

/** A real backup, with other rows and another memory. */
async function backupWith(data: TableData, memory?: Memory): Promise<Unsealed> {
  const project = projectIn(scratch());
  addNotes(project.db, 1);
  const { name } = await backup(project, { trigger: 'test' });
  const { manifest } = await unseal(undefined, project.store, await openBackup(project.store, name));
  const { memory: _, ...others } = manifest;
  const changed = { ...others, data: new Map([['notes', data]]), ...(memory === undefined ? {} : { memory }) };
  return { manifest: changed, store: memoryStore(memoryPlace()), unchecked: [] };
}

const wasEmpty: Memory = new Map([['notes', { empty: ['text'] }]]);

/** The table as it is read now, and which columns somebody looked through. */
function readNow(rows: number, sparse: readonly string[], empty: readonly string[], own = true) {
  const asked: string[] = [];
  const table: ReadTable = {
    name: 'notes',
    own,
    rows,
    there: rows,
    slices: () => [],
    sparseColumns: async () => sparse,
    emptyAmong: async (columns) => {
      asked.push(...columns);
      return columns.filter((column) => empty.includes(column));
    },
    missingValue: async () => undefined,
    samples: async () => new Map(),
  };
  return { asked, read: { tables: [table] } };
}

type Read = Parameters<typeof lookAtColumns>[0];

async function looked(now: ReturnType<typeof readNow>, before?: Unsealed) {
  const project = projectIn(scratch());
  addNotes(project.db, 1);
  const reading = await project.database.read(scratch());
  try {
    const read: Read = { ...reading, tables: now.read.tables };
    const { nulled, empty, believed } = await lookAtColumns(read, before);
    return { nulled, empty: empty.get('notes'), believed: believed.get('notes')?.columns, asked: now.asked };
  } finally {
    await reading.close();
  }
}

const LOST = [{ kind: 'nulled', table: 'notes', column: 'text' }];

test('a column that had values in five rows and has none now is lost', async () => {
  const before = await backupWith(lines(9, (n) => (n < 5 ? 'x' : null)));
  expect(await looked(readNow(9, ['text'], ['text']), before)).toMatchObject({ nulled: LOST, empty: ['text'] });
});

test('one that had few, is new, or was empty before is not, and neither is one of a table of few rows', async () => {
  const four = await backupWith(lines(9, (n) => (n < 4 ? 'x' : null)));
  expect((await looked(readNow(9, ['text'], ['text']), four)).nulled).toEqual([]);
  const other = await backupWith(lines(9, () => 'x', 'other'));
  expect((await looked(readNow(9, ['text'], ['text']), other)).nulled).toEqual([]);
  const empty = await backupWith(
    lines(9, () => 'x'),
    wasEmpty,
  );
  expect((await looked(readNow(9, ['text'], ['text']), empty)).nulled).toEqual([]);
  const full = await backupWith(lines(9, () => 'x'));
  expect((await looked(readNow(4, ['text'], ['text']), full)).nulled).toEqual([]);
  expect((await looked(readNow(5, ['text'], ['text']), full)).nulled).toEqual(LOST);
  const few = await backupWith(lines(4, () => 'x'));
  expect((await looked(readNow(9, ['text'], ['text']), few)).nulled).toEqual([]);
});

test('without a backup before, and of tables that are the engine’s own or have no row, nothing is lost', async () => {
  const full = await backupWith(lines(9, () => 'x'));
  expect(await looked(readNow(9, ['text'], ['text']))).toMatchObject({ nulled: [], empty: ['text'] });
  expect(await looked(readNow(0, ['text'], ['text']), full)).toMatchObject({ nulled: [], empty: undefined });
  expect(await looked(readNow(9, ['text'], ['text'], false), full)).toMatchObject({ nulled: [], empty: undefined });
  expect(await looked(readNow(9, [], []), full)).toMatchObject({ nulled: [], empty: undefined, asked: [] });
});

test('a column that shows no value in the first and last rows, and has some, is in use', async () => {
  const full = await backupWith(lines(9, () => 'x'));
  expect(await looked(readNow(9, ['text'], []), full)).toMatchObject({ nulled: [], empty: undefined, asked: ['text'] });
});

test('only of a large table in parts is believed that what was empty still is', async () => {
  const parts: TableData = { count: 3000, parts: [{ file: 'parts/a', rows: 3000, bytes: 1 }] };
  const large = await backupWith(parts, wasEmpty);
  const trusted = await looked(readNow(2001, ['text'], ['text']), large);
  expect(trusted).toMatchObject({ asked: [], empty: ['text'], believed: ['text'], nulled: [] });
  const small = await looked(readNow(2000, ['text'], ['text']), large);
  expect(small).toMatchObject({ asked: ['text'], believed: undefined });
  const inline = await looked(
    readNow(2001, ['text'], ['text']),
    await backupWith(
      lines(9, () => null),
      wasEmpty,
    ),
  );
  expect(inline).toMatchObject({ asked: ['text'], believed: undefined });
});

test('between two backups the same is found, from what the later one remembers and its rows say', async () => {
  const between = async (now: TableData, before: TableData, memory: Memory = wasEmpty, earlier?: Memory) =>
    nulledBetween(await backupWith(now, memory), await backupWith(before, earlier));
  const [nothing, full] = [lines(9, () => null), lines(9, () => 'x')];
  expect(await between(nothing, full)).toEqual(LOST);
  expect(await between(nothing, full, wasEmpty, wasEmpty)).toEqual([]);
  expect(await between(nothing, full, new Map())).toEqual([]);
  // What it remembers of itself may be wrong: its own rows say more.
  expect(
    await between(
      lines(9, (n) => (n === 8 ? 'x' : null)),
      full,
    ),
  ).toEqual([]);
  expect(
    await between(
      lines(4, () => null),
      full,
    ),
  ).toEqual([]);
  expect(
    await between(
      lines(5, () => null),
      full,
    ),
  ).toEqual(LOST);
  expect(
    await between(
      nothing,
      lines(4, () => 'x'),
    ),
  ).toEqual([]);
});
