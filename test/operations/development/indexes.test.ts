import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { FakePlan, TablePlan } from '../../../src/core/fakes/plan.ts';
import { indexesFor } from '../../../src/operations/development/indexes.ts';
import { projectIn, scratch } from '../../support/scratch.ts';

const plan = (tables: Readonly<Record<string, Partial<TablePlan>>>): FakePlan => ({
  tables: new Map(
    Object.entries(tables).map(([name, said]) => [
      name,
      {
        columns: new Map(),
        kept: new Set(''),
        unique: new Set(''),
        pointing: new Set(''),
        isEmpty: false,
        isVirtual: false,
        ...said,
      },
    ]),
  ),
  carried: [],
  obstacles: [],
});

const BODY = new Map([['body', { kind: 'text' as const, isUnique: false, largest: 1n }]]);

/** Notes, an index over them that can be made again, and one that keeps a text of its own. */
async function defined() {
  const project = projectIn(scratch());
  const db = new Database(project.db);
  db.exec(`CREATE TABLE notes(id INTEGER PRIMARY KEY, body TEXT);
    CREATE VIRTUAL TABLE found USING fts5(body, content='notes', content_rowid='id');
    CREATE VIRTUAL TABLE own USING fts5(words)`);
  db.close();
  const { schema, settings } = await readSchema(project);
  return project.database.defined(schema, settings, scratch());
}

async function readSchema({ database }: ReturnType<typeof projectIn>) {
  const reading = await database.read(scratch());
  try {
    return { schema: reading.schema, settings: reading.settings };
  } finally {
    await reading.close();
  }
}

test('an index over what is faked is begun empty, and made again', async () => {
  const { rows, rebuild, obstacles } = indexesFor(await defined(), plan({ notes: { columns: BODY } }), new Set());
  expect(rebuild).toEqual({ excluded: { found: 'rows' } });
  expect(obstacles).toEqual([]);
  expect([...rows.keys()].some((name) => name.startsWith('found_'))).toBe(true);
  expect([...rows.keys()].some((name) => name.startsWith('own_'))).toBe(false);
});

test('so is one over rows of which only some come along, or none', async () => {
  const all = await defined();
  expect(indexesFor(all, plan({}), new Set(['notes'])).rebuild).toEqual({ excluded: { found: 'rows' } });
  expect(indexesFor(all, plan({ notes: { isEmpty: true } }), new Set()).rebuild).toEqual({
    excluded: { found: 'rows' },
  });
});

test('one that is to be empty has the rows of an empty one, and is not made again', async () => {
  const { rows, rebuild } = indexesFor(await defined(), plan({ own: { isEmpty: true, isVirtual: true } }), new Set());
  expect(rebuild).toBeUndefined();
  expect([...rows.keys()].some((name) => name.startsWith('own_'))).toBe(true);
  expect([...rows.keys()].some((name) => name.startsWith('found_'))).toBe(false);
});

test('where nothing is faked, every index stays as it is', async () => {
  const { rows, rebuild, obstacles } = indexesFor(await defined(), plan({}), new Set());
  expect([rows.size, rebuild, obstacles]).toEqual([0, undefined, []]);
});
