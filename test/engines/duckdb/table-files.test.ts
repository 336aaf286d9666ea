import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { tableFiles } from '../../../src/engines/duckdb/table-rows.ts';
import type { Table } from '../../../src/engines/duckdb/tables.ts';
import { scratch } from '../../support/scratch.ts';

const sourceOf = (name: string) => {
  const table: Table = {
    schema: 'main',
    name,
    key: name,
    sql: '',
    columns: [],
    primary: [],
    uniques: [],
    references: [],
  };
  return { table, columns: [] };
};

/** A DuckDB that writes a line for each table, and has no room for one of them. */
const dbWithoutRoomFor = (full: string) => ({
  label: 'app',
  catalog: 'app',
  rows: async () => [['false']],
  statements: async () => 1,
  close() {},
  async run(sql: string) {
    if (sql.includes(`"${full}"`)) throw new Error('No space left on device');
    const [, file = ''] = /TO '([^']+)'/.exec(sql) ?? [];
    writeFileSync(file, 'a line\n');
  },
});

async function linesOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  let lines = '';
  for await (const piece of pieces) lines += piece.toString();
  return lines;
}

test('a table that cannot be written fails where it is asked for, and not before', async () => {
  const [one, two] = [sourceOf('one'), sourceOf('two')];
  const files = tableFiles(dbWithoutRoomFor('two'), [one, two], scratch());
  expect(await linesOf(files.of(one))).toBe('a line\n');
  // The next is begun by now; whoever left its failure to nobody would end the process.
  await sleep(50);
  await expect(linesOf(files.of(two))).rejects.toThrow('No space left');
  await files.close();
});
