import { membersOf } from '../core/json.ts';
import type { Loss } from '../core/losses.ts';
import { rowCount, type TableData } from '../core/manifest.ts';
import type { Read } from './loss.ts';
import { readSlices } from './read-parts.ts';
import type { Unsealed } from './unseal.ts';

export interface Columns {
  /** By table, the columns that have no value where one is looked for first. */
  readonly sparse: ReadonlyMap<string, readonly string[]>;
  readonly nulled: readonly Loss[];
}

/** So many values a column must have had before somebody would miss them. */
const FEW_VALUES = 5;

/**
 * Columns that had values in the backup before and have none in any row. A column that is in use shows a value in the first or last
 * rows; only one that newly shows none is looked through, and only one that has none at all makes the backup before be read.
 */
export async function lookAtColumns({ tables }: Read, before: Unsealed | undefined): Promise<Columns> {
  const sparse = new Map<string, readonly string[]>();
  const nulled: Loss[] = [];
  for (const table of tables) {
    if (!table.own || table.rows === 0) continue;
    const columns = await table.sparseColumns();
    if (columns.length === 0) continue;
    sparse.set(table.name, columns);
    const known = before?.manifest.data.get(table.name);
    if (before === undefined || known === undefined || rowCount(known) < FEW_VALUES || table.rows < FEW_VALUES)
      continue;
    const wereSparse = before.manifest.memory?.get(table.name)?.sparse ?? [];
    const empty: string[] = [];
    for (const column of columns)
      if (!wereSparse.includes(column) && !(await table.hasValue(column))) empty.push(column);
    for (const column of await filledIn(before, known, empty))
      nulled.push({ kind: 'nulled', table: table.name, column });
  }
  return { sparse, nulled };
}

/** The same of two backups. */
export async function nulledBetween(now: Unsealed, before: Unsealed): Promise<Loss[]> {
  const nulled: Loss[] = [];
  for (const [table, { sparse = [] }] of now.manifest.memory ?? []) {
    const rows = now.manifest.data.get(table);
    const known = before.manifest.data.get(table);
    if (rows === undefined || known === undefined || Math.min(rowCount(rows), rowCount(known)) < FEW_VALUES) continue;
    const wereSparse = before.manifest.memory?.get(table)?.sparse ?? [];
    const newly = sparse.filter((column) => !wereSparse.includes(column));
    const held = await filledIn(now, rows, newly, 1);
    const empty = newly.filter((column) => !held.includes(column));
    for (const column of await filledIn(before, known, empty)) nulled.push({ kind: 'nulled', table, column });
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
