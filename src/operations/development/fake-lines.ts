import { fakesFor } from '../../core/fakes/fake.ts';
import type { FakePlan } from '../../core/fakes/plan.ts';
import { membersOf } from '../../core/json.ts';
import type { TableData } from '../../core/manifest.ts';
import type { LongSlice, Share } from '../../engines/engine.ts';
import { type Held, someLines } from './held.ts';
import type { Wanted } from './making.ts';
import type { Sample } from './sample.ts';

interface How {
  readonly plan: FakePlan;
  readonly sample: Sample;
  readonly secret: Wanted['secret'];
  /** The rows of each table, where they are others than the backup's. */
  readonly instead: ReadonlyMap<string, TableData>;
}

/** The lines of a table as they are to be. What stays as it is goes through as it comes. */
export async function* remadeLines(
  held: Held,
  table: string,
  share: Share | undefined,
  { plan, sample, secret, instead }: How,
): AsyncGenerator<Uint8Array | LongSlice> {
  const own = instead.get(table);
  const isFirst = (share?.index ?? 0) === 0;
  if (own !== undefined && 'rows' in own && own !== held.content.data.get(table)) {
    if (isFirst && own.rows.length > 0) yield Buffer.from(own.rows.map((line) => `${line}\n`).join(''));
    return;
  }
  const { columns = new Map() } = plan.tables.get(table) ?? {};
  const chosen = sample.get(table);
  if (columns.size === 0 && chosen === undefined) {
    yield* held.slices(table, share);
    return;
  }
  // Which rows come along is told by their order.
  if (!isFirst) return;
  const fakes = new Map([...columns].map(([name, rule]) => [name, rule === undefined ? rule : fakesFor(rule, secret)]));
  let at = 0;
  for await (const lines of someLines(held, table)) {
    const kept = lines.filter(() => chosen === undefined || chosen[at++] === 1);
    if (kept.length > 0) yield Buffer.from(kept.map((line) => `${faked(line, fakes)}\n`).join(''));
  }
}

function faked(line: string, fakes: ReadonlyMap<string, ReturnType<typeof fakesFor> | undefined>): string {
  if (fakes.size === 0) return line;
  const members = [...membersOf(line)].map(([name, member]) => {
    const made = fakes.has(name) ? (fakes.get(name)?.(member) ?? 'null') : member;
    return `${JSON.stringify(name)}:${made}`;
  });
  return `{${members.join(',')}}`;
}
