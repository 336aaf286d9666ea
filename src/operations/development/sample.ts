import { chanceOf, type Secret } from '../../core/fakes/chance.ts';
import { pointedTo, type Schema } from '../../core/fakes/plan.ts';
import type { TableShape } from '../../core/privacy/shape.ts';
import { eachRow, type Held } from './held.ts';

/** By table, 1 for each row that comes along, in the order of the rows. A table that is not in it comes whole. */
export type Sample = ReadonlyMap<string, Uint8Array>;

/** Smaller tables come whole: roles, plans, countries. */
const WHOLE_UP_TO = 100;

interface Pointing {
  readonly to: Keys;
  readonly from: readonly string[];
  /** By row what it points to; not a number where it points nowhere. */
  readonly wanted: Float64Array;
}

interface Keys {
  readonly table: string;
  readonly columns: readonly string[];
  /** By row. */
  readonly numbers: Float64Array;
  /** The rows in the order of their numbers. */
  order: Uint32Array;
}

/**
 * Chooses a share of the rows of each table by a secret, so that the same backup gives the same rows; and with them whatever they point
 * to by foreign keys, on and on. Keys are kept by six bytes each: what is taken for another by chance comes along for nothing.
 */
export async function sampleOf(
  held: Held,
  tables: readonly TableShape[],
  schema: Schema,
  share: number,
  secret: Secret,
  onRows: (rows: number) => void,
): Promise<Sample> {
  const sizes = new Map(tables.map(({ name }) => [name, rowsIn(held, name)]));
  const sampled = tables.filter(({ name }) => (sizes.get(name) ?? 0) > WHOLE_UP_TO);
  const isSampled = new Set(sampled.map(({ name }) => name));
  const keys = new Map<string, Keys>();
  const pointing = new Map<string, Pointing[]>();
  for (const table of tables) {
    const rows = sizes.get(table.name) ?? 0;
    for (const reference of table.references) {
      const parent = schema.tables.find(({ name }) => schema.fold(name) === schema.fold(reference.table));
      if (parent === undefined || !isSampled.has(parent.name)) continue;
      const columns = pointedTo(reference, schema.keys, parent.name).map((name) => spelled(parent, name, schema));
      const id = JSON.stringify([parent.name, columns]);
      const to = keys.get(id) ?? {
        table: parent.name,
        columns,
        numbers: new Float64Array(sizes.get(parent.name) ?? 0),
        order: new Uint32Array(),
      };
      keys.set(id, to);
      const own = pointing.get(table.name) ?? [];
      own.push({
        to,
        from: reference.from.map((name) => spelled(table, name, schema)),
        wanted: new Float64Array(rows).fill(Number.NaN),
      });
      pointing.set(table.name, own);
    }
  }
  const chosen = new Map(sampled.map(({ name }) => [name, new Uint8Array(sizes.get(name) ?? 0)]));
  for (const { name } of tables) {
    const mine = [...keys.values()].filter(({ table }) => table === name);
    const theirs = pointing.get(name) ?? [];
    const own = chosen.get(name);
    if (mine.length === 0 && theirs.length === 0 && own === undefined) continue;
    const key = schema.keys.get(name) ?? [];
    let at = 0;
    await eachRow(held, name, (members, line) => {
      const numberIn = (columns: readonly string[]) => numberOf(columns.map((column) => members.get(column) ?? 'null'));
      // What is empty is no key.
      for (const each of mine) each.numbers[at] = numberIn(each.columns) ?? -1;
      for (const each of theirs) each.wanted[at] = numberIn(each.from) ?? Number.NaN;
      const told = key.length === 0 ? [line] : key.map((column) => members.get(column) ?? 'null');
      if (own !== undefined && chanceOf(secret, 'sample', name, ...told).below(PARTS) < share * PARTS) own[at] = 1;
      at++;
      onRows(1);
    });
  }
  for (const each of keys.values())
    each.order = Uint32Array.from(each.numbers.keys()).sort((a, b) => (each.numbers[a] ?? 0) - (each.numbers[b] ?? 0));
  follow(tables, chosen, pointing);
  return chosen;
}

const PARTS = 1_000_000;

/** Rows that come along bring others, which bring others. */
function follow(
  tables: readonly TableShape[],
  chosen: ReadonlyMap<string, Uint8Array>,
  pointing: ReadonlyMap<string, readonly Pointing[]>,
): void {
  const waiting: { readonly table: string; readonly row: number }[] = [];
  const bring = (table: string, row: number) => {
    for (const { to, wanted } of pointing.get(table) ?? []) {
      const rows = chosen.get(to.table);
      for (const parent of rowsWith(to, wanted[row] ?? Number.NaN)) {
        if (rows === undefined || rows[parent] === 1) continue;
        rows[parent] = 1;
        waiting.push({ table: to.table, row: parent });
      }
    }
  };
  for (const { name } of tables) {
    const own = chosen.get(name);
    const rows = own?.length ?? Math.max(0, ...(pointing.get(name) ?? []).map(({ wanted }) => wanted.length));
    for (let row = 0; row < rows; row++) if (own === undefined || own[row] === 1) bring(name, row);
  }
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) bring(next.table, next.row);
}

function* rowsWith({ numbers, order }: Keys, wanted: number): Generator<number> {
  if (Number.isNaN(wanted)) return;
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[order[middle] ?? 0] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < order.length; at++) {
    const row = order[at] ?? 0;
    if (numbers[row] !== wanted) return;
    yield row;
  }
}

const NO_SECRET = Buffer.alloc(0);

/** The same for what a database takes for the same: a number however it is written, letters in either case. */
function numberOf(members: readonly string[]): number | undefined {
  if (members.includes('null')) return undefined;
  const plain = members.map((member) =>
    member
      .replace(/^"(.*)"$/s, '$1')
      .replace(/^(-?\d+)\.0+$/, '$1')
      .toLowerCase(),
  );
  return chanceOf(NO_SECRET, ...plain)
    .bytes(6)
    .readUIntBE(0, 6);
}

const spelled = ({ columns }: TableShape, name: string, { fold }: Schema) =>
  columns.find((each) => fold(each.name) === fold(name))?.name ?? name;

function rowsIn({ content }: Held, table: string): number {
  const data = content.data.get(table);
  if (data === undefined) return 0;
  return 'rows' in data ? data.rows.length : data.count;
}
