import { expect } from 'vitest';
import type { RowsWanted } from '../../src/engines/engine.ts';
import { backup } from '../../src/operations/backup.ts';
import type { LocalProject } from '../../src/operations/project.ts';
import { restoreRows } from '../../src/operations/restore-rows.ts';
import { type Chance, chance } from './chance.ts';
import { rowsWanted } from './rows-back.ts';

/** Tables `a (k, n, v)`, `b (k, n, v, a)` that points to `a`, and `c (k, l, n, v, pk, pl)` with a key of two columns that points to itself. */
export type ModelTable = 'a' | 'b' | 'c';
export type Cells = readonly unknown[];
export type Model = Readonly<Record<ModelTable, ReadonlyMap<string, Cells>>>;

/** What the tables hold, asked of each: its rows by their keys. */
export async function modelOf(
  rowsOf: (table: ModelTable) => Promise<readonly Cells[]> | readonly Cells[],
): Promise<Model> {
  const rows = async (table: ModelTable) =>
    new Map((await rowsOf(table)).map((row) => [row.slice(0, table === 'c' ? 2 : 1).join(' '), row]));
  return { a: await rows('a'), b: await rows('b'), c: await rows('c') };
}

function meets(row: Cells, table: ModelTable, where: string | undefined): boolean {
  const [n, v] = table === 'c' ? [row[2], row[3]] : [row[1], row[2]];
  if (where === undefined) return true;
  return where === 'n < 3' ? n !== null && Number(n) < 3 : v === 'two';
}

function parentOf(table: ModelTable, row: Cells): { table: 'a' | 'c'; key: string } | undefined {
  if (table === 'b' && row[3] !== null) return { table: 'a', key: String(row[3]) };
  if (table === 'c' && row[4] !== null && row[5] !== null) return { table: 'c', key: `${row[4]} ${row[5]}` };
  return undefined;
}

const sameRow = (a: Cells | undefined, b: Cells | undefined) => JSON.stringify(a) === JSON.stringify(b);

/** What there is to be once rows of `then` came back into `now`. */
function broughtBack(then: Model, now: Model, { tables, where, exact }: RowsWanted): Model {
  const made = { a: new Map(now.a), b: new Map(now.b), c: new Map(now.c) };
  const touched: [ModelTable, Cells][] = [];
  for (const table of ['a', 'b', 'c'] as const) {
    if (!tables.includes(table)) continue;
    for (const [key, row] of then[table]) {
      if (!meets(row, table, where) || sameRow(row, now[table].get(key))) continue;
      made[table].set(key, row);
      touched.push([table, row]);
    }
    if (exact)
      for (const [key, row] of now[table])
        if (!then[table].has(key) && meets(row, table, where)) made[table].delete(key);
  }
  for (let at = 0; at < touched.length; at++) {
    const [table, row] = touched[at] ?? ['a', []];
    const parent = parentOf(table, row);
    const missing = parent && !now[parent.table].has(parent.key) ? then[parent.table].get(parent.key) : undefined;
    if (parent === undefined || missing === undefined || made[parent.table].has(parent.key)) continue;
    made[parent.table].set(parent.key, missing);
    touched.push([parent.table, missing]);
  }
  return made;
}

const dangles = (model: Model) =>
  (['b', 'c'] as const).some((table) =>
    [...model[table].values()].some((row) => {
      const parent = parentOf(table, row);
      return parent !== undefined && !model[parent.table].has(parent.key);
    }),
  );

interface Edited {
  readonly project: LocalProject;
  model(): Promise<Model>;
  /** Changes so many rows; what the database forbids is as if it were not there. */
  edit(dice: Chance, times: number): Promise<void> | void;
  /** To be put for one table alone. */
  readonly conditions: readonly string[];
}

/** Any edits, a backup between them, and any rows brought back: they are what the model has, or none is, where a row would point nowhere. */
export async function expectAsModelled({ project, model, edit, conditions }: Edited): Promise<void> {
  const dice = chance();
  await edit(dice, 40);
  await backup(project, { trigger: 'test', name: 'model' });
  const then = await model();
  await edit(dice, 25);
  const tables = dice.pick([['a'], ['b'], ['c'], ['a', 'b'], ['c', 'a']]);
  const where = tables.length === 1 ? dice.pick([null, ...conditions]) : null;
  const rows = rowsWanted(tables, {
    exact: dice.below(2) === 0,
    withParents: true,
    ...(where === null ? {} : { where }),
  });
  const before = await model();
  const expected = broughtBack(then, before, rows);
  const says = `seed ${dice.seed}: ${JSON.stringify(rows)}`;
  const restored = restoreRows(project, { name: 'model', rows });
  if (dangles(expected)) {
    await expect(restored, says).rejects.toMatchObject({ code: 'ROWS_REFERENCED' });
    expect(await model(), says).toEqual(before);
  } else {
    await restored;
    expect(await model(), says).toEqual(expected);
  }
}
