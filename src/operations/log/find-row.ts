import { JsonSyntaxError } from '../../core/json.ts';
import type { Part, TableData } from '../../core/manifest.ts';
import { markOfPart } from '../../core/names.ts';
import { backupDamaged } from '../../core/problems/backups.ts';
import { linesWith, type Sought } from '../../core/row-key.ts';
import type { ReadableStore } from '../../stores/store.ts';
import { readSlices } from '../read-parts.ts';

export interface Seeking {
  readonly sought: Sought;
  /** The marks of the slices that can hold the row; undefined where every slice can. */
  readonly marks: ReadonlySet<string> | undefined;
  /** No two rows of a table can be meant: who found one need not go on. */
  readonly isOne: boolean;
}

/**
 * Finds rows in one version of a table after the other. A slice that was looked through is never read again, whichever backup names it:
 * its name says what it holds.
 */
export function rowFinder() {
  const known = new Map<string, readonly string[]>();

  async function inSlice(store: ReadableStore, slice: Slice, { sought }: Seeking): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const bytes of readSlices(store, slice.data)) found.push(...linesWith(bytes, sought));
    known.set(slice.id, found);
    return found;
  }

  return async (store: ReadableStore, table: TableData, seeking: Seeking): Promise<readonly string[]> => {
    const { sought, marks, isOne } = seeking;
    try {
      if ('rows' in table) return table.rows.flatMap((line) => linesWith(Buffer.from(line), sought));
      const scope = JSON.stringify([...sought]);
      const slices = slicesOf(table.parts, scope).filter(({ mark }) => marks === undefined || marks.has(mark ?? ''));
      const here = slices.find(({ id }) => (known.get(id)?.length ?? 0) > 0);
      if (isOne && here !== undefined) return known.get(here.id) ?? [];
      const found: string[] = [];
      for (const slice of slices) {
        found.push(...(known.get(slice.id) ?? (await inSlice(store, slice, seeking))));
        if (isOne && found.length > 0) break;
      }
      return found;
    } catch (error) {
      if (error instanceof JsonSyntaxError)
        throw backupDamaged('A table of a backup', `holds a row that is none (${error.message})`)(error);
      throw error;
    }
  };
}

interface Slice {
  readonly id: string;
  readonly mark: string | undefined;
  readonly data: TableData;
}

/** A line that goes on in the next part is one slice with it. */
function slicesOf(parts: readonly Part[], scope: string): Slice[] {
  const slices: Slice[] = [];
  let open: Part[] = [];
  for (const part of parts) {
    open.push(part);
    if (part.rows === 0) continue;
    const id = `${scope} ${open.map(({ file }) => file).join(' ')}`;
    slices.push({ id, mark: markOfPart(part.file), data: { count: part.rows, parts: open } });
    open = [];
  }
  return slices;
}
