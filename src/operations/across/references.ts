import { createHash } from 'node:crypto';
import type { CommonReference, Lost } from '../../core/common/definitions.ts';
import { sameness, type Value } from '../../core/common/value.ts';
import { count } from '../../core/words.ts';
import type { ToldTable } from '../../engines/across.ts';
import type { Slices } from '../row-lines.ts';
import { rowsOf, type TableFound } from './choose-types.ts';

/** What tables are pointed to, and by which columns: filled while the rows are gone through. */
export interface Targets {
  /** A function that takes each row of a table. */
  noting(table: ToldTable): (values: readonly Value[]) => void;
  has(table: string, columns: readonly string[], values: readonly Value[]): boolean;
}

/** Keys are kept by eight bytes each: two that are taken for one would be found out by the other database. */
export function targetsOf(tables: readonly ToldTable[]): Targets {
  const wanted = new Map(
    tables
      .flatMap(({ references }) => references)
      .map(({ table, to }) => [nameOf(table, to), { table, to, keys: keys() }]),
  );
  return {
    noting({ name, columns }) {
      const own = [...wanted.values()]
        .filter(({ table }) => table === name)
        .map(({ to, keys: found }) => ({ found, places: placesOf(columns, to) }));
      return (values) => {
        for (const { found, places } of own) found.add(places.map((at) => values[at] ?? null));
      };
    },
    has: (table, to, values) => wanted.get(nameOf(table, to))?.keys.has(values) === true,
  };
}

const nameOf = (table: string, to: readonly string[]) => JSON.stringify([table, to]);
const placesOf = (columns: readonly { readonly name: string }[], names: readonly string[]) =>
  names.map((name) => columns.findIndex((column) => column.name === name));

function keys() {
  let found: number[] = [];
  let sorted: Float64Array | undefined;
  return {
    add(values: readonly Value[]) {
      if (!values.includes(null)) found.push(numberOf(values));
    },
    has(values: readonly Value[]) {
      if (sorted === undefined) {
        sorted = Float64Array.from(found).sort();
        found = [];
      }
      return holds(sorted, numberOf(values));
    },
  };
}

function numberOf(values: readonly Value[]): number {
  const hash = createHash('sha256')
    .update(JSON.stringify(values.map(sameness)))
    .digest();
  return hash.readUIntBE(0, 6);
}

function holds(sorted: Float64Array, wanted: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}

export interface Judged {
  readonly references: readonly CommonReference[];
  readonly lost: readonly Lost[];
}

/**
 * Which foreign keys of a table the other database can have. SQLite lets rows point nowhere: there a key holds for what comes later, and says
 * so. One whose columns became something else than what they point to is left out.
 */
export async function judgeReferences(
  table: ToldTable,
  all: ReadonlyMap<string, { readonly table: ToldTable; readonly found: TableFound }>,
  targets: Targets,
  slices: () => Slices,
): Promise<Judged> {
  const lost: Lost[] = [];
  const kept = table.references.filter((reference) => {
    const why = hindranceOf(table, reference, all);
    if (why !== undefined) lost.push({ what: 'foreign key', name: wordsFor(table, reference), why });
    return why === undefined;
  });
  const dangling = kept.map(() => 0);
  if (kept.length > 0) {
    const places = kept.map(({ columns }) => placesOf(table.columns, columns));
    for await (const some of rowsOf(table, slices()))
      for (const members of some)
        for (const [at, reference] of kept.entries()) {
          const values = (places[at] ?? []).map(
            (place) => table.columns[place]?.read(members[place] ?? 'null') ?? null,
          );
          if (values.includes(null) || targets.has(reference.table, reference.to, values)) continue;
          dangling[at] = (dangling[at] ?? 0) + 1;
        }
  }
  return {
    lost: [
      ...lost,
      ...kept.flatMap((reference, at) =>
        dangling[at] === 0
          ? []
          : [
              {
                what: 'foreign key',
                name: wordsFor(table, reference),
                why: `${count(dangling[at] ?? 0, 'row points', 'rows point')} nowhere, so it is made to hold for later rows alone`,
              },
            ],
      ),
    ],
    references: kept.map((reference, at) =>
      dangling[at] === 0 ? { ...reference, isLoose: false } : { ...reference, isLoose: true },
    ),
  };
}

const wordsFor = ({ name }: ToldTable, { columns, table }: CommonReference) =>
  `${name} (${columns.join(', ')}) to ${table}`;

function hindranceOf(
  child: ToldTable,
  { columns, table, to }: CommonReference,
  all: ReadonlyMap<string, { readonly table: ToldTable; readonly found: TableFound }>,
): string | undefined {
  const own = all.get(child.name);
  const parent = all.get(table);
  if (own === undefined || parent === undefined) return 'the table that it points to is not copied';
  const typeOf = (of: typeof own, name: string) =>
    of.found.columns[of.table.columns.findIndex((column) => column.name === name)]?.type;
  const isUnique = [parent.table.primary, ...parent.table.uniques].some(
    (key) => key !== undefined && [...key.columns].sort().join('\0') === [...to].sort().join('\0'),
  );
  if (columns.length !== to.length || !isUnique) return 'what it points to is no key';
  const pairs = columns.map((name, at) => [typeOf(own, name), typeOf(parent, to[at] ?? '')] as const);
  if (pairs.some(([from, into]) => from === undefined || into === undefined)) return 'a column of it is computed';
  const other = pairs.find(([from, into]) => from?.name !== into?.name);
  return other === undefined ? undefined : `its columns became ${other[0]?.name} and ${other[1]?.name}`;
}
