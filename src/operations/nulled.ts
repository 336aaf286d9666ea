import { membersOf } from '../core/json.ts';
import type { Loss } from '../core/losses.ts';
import { rowCount, type TableData } from '../core/manifest.ts';
import type { Read } from './loss.ts';
import { readSlices } from './read-parts.ts';
import type { Unsealed } from './unseal.ts';

export interface Columns {
  /** By table, the columns that have no value in any row. */
  readonly empty: ReadonlyMap<string, readonly string[]>;
  /** Those of them that were so in the backup before and were not looked through again. */
  readonly believed: ReadonlyMap<string, Believed>;
  readonly nulled: readonly Loss[];
}

export interface Believed {
  readonly columns: readonly string[];
  /** The parts of the backup before: what a value came with since is in another. */
  readonly parts: ReadonlySet<string>;
}

/** So many values a column must have had before somebody would miss them. */
const FEW_VALUES = 5;

/** Tables of so few rows are looked through each time, and may have no parts. */
const FEW_ROWS = 2000;

/**
 * Columns that had values in the backup before and have none in any row. A column that is in use shows a value in the first or last
 * rows; only one that shows none is looked through, and only one that has none and had some makes the backup before be read.
 */
export async function lookAtColumns({ tables }: Read, before: Unsealed | undefined): Promise<Columns> {
  const empty = new Map<string, readonly string[]>();
  const believed = new Map<string, Believed>();
  const nulled: Loss[] = [];
  for (const table of tables) {
    if (!table.own || table.rows === 0) continue;
    const sparse = await table.sparseColumns();
    if (sparse.length === 0) continue;
    const known = before?.manifest.data.get(table.name);
    const wereEmpty = before?.manifest.memory?.get(table.name)?.empty ?? [];
    const mayBelieve = table.rows > FEW_ROWS && known !== undefined && 'parts' in known;
    const trusted = mayBelieve ? sparse.filter((column) => wereEmpty.includes(column)) : [];
    const found = await table.emptyAmong(sparse.filter((column) => !trusted.includes(column)));
    const columns = [...trusted, ...found];
    if (columns.length > 0) empty.set(table.name, columns);
    if (mayBelieve && trusted.length > 0)
      believed.set(table.name, { columns: trusted, parts: new Set(known.parts.map(({ file }) => file)) });
    if (before === undefined || known === undefined || Math.min(rowCount(known), table.rows) < FEW_VALUES) continue;
    const newly = found.filter((column) => !wereEmpty.includes(column));
    for (const column of await filledIn(before, known, newly))
      nulled.push({ kind: 'nulled', table: table.name, column });
  }
  return { empty, believed, nulled };
}

/** The same of two backups. */
export async function nulledBetween(now: Unsealed, before: Unsealed): Promise<Loss[]> {
  const nulled: Loss[] = [];
  for (const [table, { empty = [] }] of now.manifest.memory ?? []) {
    const rows = now.manifest.data.get(table);
    const known = before.manifest.data.get(table);
    if (rows === undefined || known === undefined || Math.min(rowCount(rows), rowCount(known)) < FEW_VALUES) continue;
    const wereEmpty = before.manifest.memory?.get(table)?.empty ?? [];
    const newly = empty.filter((column) => !wereEmpty.includes(column));
    const held = await filledIn(now, rows, newly, 1);
    const without = newly.filter((column) => !held.includes(column));
    for (const column of await filledIn(before, known, without)) nulled.push({ kind: 'nulled', table, column });
  }
  return nulled;
}

/** Those of the columns that hold so many values in a backup. A column that is new stands in no row of it. */
async function filledIn(
  { store }: Unsealed,
  table: TableData,
  columns: readonly string[],
  enough = FEW_VALUES,
): Promise<string[]> {
  let open = new Map(columns.map((column) => [column, 0]));
  const filled: string[] = [];
  if (open.size === 0) return filled;
  for await (const slice of readSlices(store, table)) {
    // A row that is too large to be held stands alone, and says little of a column.
    if (!(slice instanceof Uint8Array)) continue;
    for (const line of Buffer.from(slice).toString('utf8').split('\n')) {
      if (line === '') continue;
      const row = membersOf(line);
      open = new Map([...open].filter(([column]) => row.has(column)));
      for (const [column, values] of open) {
        if (row.get(column) === 'null') continue;
        open.set(column, values + 1);
        if (values + 1 < enough) continue;
        filled.push(column);
        open.delete(column);
      }
      if (open.size === 0) return filled;
    }
  }
  return filled;
}
