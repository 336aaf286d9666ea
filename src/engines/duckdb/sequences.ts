import type { Saved } from '../../core/manifest.ts';
import { restoreInexact } from '../../core/problems/restoring.ts';
import { contentCutter, type Slice, targetSize } from '../../core/slices.ts';
import { wholeLines } from '../../core/whole-lines.ts';
import type { SliceSource } from '../engine.ts';
import { SEQUENCES } from './codec.ts';
import { piecesOf } from './load-rows.ts';
import { byText, keyOf, literal } from './names.ts';
import type { Db } from './open.ts';

/** Where a sequence stands: the number that it gives next, which need not be one that it may give. */
export interface Standing {
  readonly key: string;
  readonly next: string;
}

/** In the order of their names. `last_value` of DuckDB's is another once the file was opened again; its definition is not. */
export async function readSequences(db: Db): Promise<Standing[]> {
  const rows = await db.rows(
    `SELECT schema_name, sequence_name, sql FROM duckdb_sequences() WHERE database_name = ${literal(db.catalog)} AND NOT temporary`,
  );
  return rows
    .map(([schema, name, sql]) => ({
      key: keyOf({ schema: schema ?? '', name: name ?? '' }),
      next: / START (-?\d+) (?:NO )?CYCLE;$/.exec(sql ?? '')?.[1] ?? '',
    }))
    .sort((a, b) => byText(a.key, b.key));
}

export function* sequenceSlices(sequences: readonly Standing[]): Generator<Slice> {
  const lines = sequences.map(({ key, next }) => `{"sequence":${JSON.stringify(key)},"next":${next}}\n`);
  const cutter = contentCutter(targetSize(lines.length));
  yield* cutter.add(Buffer.from(lines.join('')));
  yield* cutter.end();
}

/** The positions that a backup holds, by the names of the sequences. Throws RESTORE_INEXACT. */
export async function positionsIn({ data }: Saved, slices: SliceSource): Promise<Map<string, string>> {
  const positions = new Map<string, string>();
  if (!data.has(SEQUENCES)) return positions;
  for await (const lines of wholeLines(piecesOf(slices(SEQUENCES))))
    for (const line of Buffer.from(lines).toString('utf8').trimEnd().split('\n')) {
      const { sequence, next } = positionIn(line);
      positions.set(sequence, next);
    }
  return positions;
}

function positionIn(line: string): { readonly sequence: string; readonly next: string } {
  const members = /^\{"sequence":("(?:[^"\\]|\\.)*"),"next":(-?\d{1,20})\}$/.exec(line);
  const sequence: unknown = members?.[1] === undefined ? undefined : JSON.parse(members[1]);
  if (typeof sequence !== 'string') throw restoreInexact('with its sequences', 'where one stands cannot be read')();
  return { sequence, next: members?.[2] ?? '' };
}
