import { membersOf } from '../../core/json.ts';
import type { Saved } from '../../core/manifest.ts';
import type { Share } from '../../engines/engine.ts';
import { slicesIn } from '../read-parts.ts';
import { linesIn, type Slices } from '../row-lines.ts';
import type { Unsealed } from '../unseal.ts';
import { yieldToEventLoop } from '../yield-to-event-loop.ts';

/** What a backup holds, to be gone through as often as it takes. Nothing of it is put anywhere. */
export interface Held {
  readonly content: Saved;
  slices(table: string, share?: Share): Slices;
}

export const heldIn = ({ manifest, store }: Unsealed): Held => ({
  content: manifest,
  slices: slicesIn(store, manifest.data),
});

const SOME = 256;

/** The lines of a table's rows, some at a time. Throws COPY_REFUSED for one that is too large to be held. */
export async function* someLines(held: Held, table: string): AsyncGenerator<readonly string[]> {
  for await (const lines of linesIn(table, held.slices(table)))
    for (let at = 0; at < lines.length; at += SOME) {
      yield lines.slice(at, at + SOME);
      await yieldToEventLoop();
    }
}

/** The rows of a table, each by its columns. */
export async function eachRow(
  held: Held,
  table: string,
  use: (members: ReadonlyMap<string, string>, line: string) => void,
): Promise<void> {
  for await (const lines of someLines(held, table)) for (const line of lines) use(membersOf(line), line);
}
