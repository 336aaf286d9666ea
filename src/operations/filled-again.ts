import type { Read } from './loss.ts';
import type { Columns } from './nulled.ts';

/**
 * Watches for columns that were believed to be empty and are not any more. Whatever a value came with is in a part that the backup before
 * does not have, so only those are looked into, while they pass by anyway.
 */
export function watchForValues({ empty, believed }: Columns) {
  const filled = new Map<string, Set<string>>();
  return {
    /** Looks into a part; `rows` is how many lines it has, where they are whole. */
    part(table: string, file: string, rows: number, bytes: Uint8Array): void {
      const watched = believed.get(table);
      if (watched === undefined || watched.parts.has(file)) return;
      const found = filled.get(table) ?? new Set<string>();
      for (const column of watched.columns)
        if (!found.has(column) && timesIn(bytes, `${JSON.stringify(column)}:null`, rows) !== rows) found.add(column);
      if (found.size > 0) filled.set(table, found);
    },
    /** The columns that are empty after all parts have passed. What may have been filled is looked for once more in the table itself. */
    async empty({ tables }: Read): Promise<ReadonlyMap<string, readonly string[]>> {
      const now = new Map(empty);
      for (const table of tables) {
        const doubtful = [...(filled.get(table.name) ?? [])];
        if (doubtful.length === 0) continue;
        const still = await table.emptyAmong(doubtful);
        const columns = empty.get(table.name) ?? [];
        now.set(
          table.name,
          columns.filter((column) => !doubtful.includes(column) || still.includes(column)),
        );
      }
      return now;
    },
  };
}

export type ValueWatch = ReturnType<typeof watchForValues>;

/** How often a text stands in a line's bytes, up to one more than is expected. In a value its quotes would be escaped, so it is the key itself. */
function timesIn(bytes: Uint8Array, text: string, expected: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wanted = Buffer.from(text);
  let times = 0;
  for (let at = buffer.indexOf(wanted); at !== -1 && times <= expected; at = buffer.indexOf(wanted, at + wanted.length))
    times++;
  return times;
}
