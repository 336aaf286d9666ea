import type { CommonTable, Lost } from '../../core/common/definitions.ts';
import type { Across, Told, ToldTable, WantedTable } from '../../engines/across.ts';
import { linesIn } from '../row-lines.ts';
import { chooseTypes, type TableFound } from './choose-types.ts';
import { judgeReferences, targetsOf } from './references.ts';
import type { Source } from './source.ts';

export interface PlannedTable {
  readonly told: ToldTable;
  readonly found: TableFound;
  /** Undefined where some values have no place. */
  readonly wanted: WantedTable | undefined;
}

/** What becomes of everything, before anything is written. */
export interface Plan {
  readonly tables: readonly PlannedTable[];
  readonly lost: readonly Lost[];
  /** By table the largest number that it gave. */
  readonly last: ReadonlyMap<string, bigint>;
}

/** Goes through all rows, and decides. */
export async function planFor(
  source: Source,
  told: Told,
  target: Across,
  onRows: (rows: number) => void,
): Promise<Plan> {
  const targets = targetsOf(told.tables);
  const all = new Map<string, { table: ToldTable; found: TableFound }>();
  for (const table of told.tables) {
    const note = targets.noting(table);
    const found = await chooseTypes(
      table,
      target.types,
      () => source.slices(table.stored),
      (values) => {
        note(values);
        onRows(1);
      },
    );
    all.set(table.name, { table, found });
  }
  const lost: Lost[] = [...told.lost];
  const tables: PlannedTable[] = [];
  for (const { table, found } of all.values()) {
    const judged = await judgeReferences(table, all, targets, () => source.slices(table.stored));
    lost.push(...judged.lost);
    tables.push({ told: table, found, wanted: wantedOf({ ...table, references: judged.references }, found, lost) });
  }
  return { tables, lost, last: await lastNumbers(source, told, all) };
}

/** Undefined where a column has no type. */
function wantedOf(table: CommonTable, found: TableFound, lost: Lost[]): WantedTable | undefined {
  const columns: WantedTable['columns'][number][] = [];
  for (const [at, column] of table.columns.entries()) {
    const { type, hasNull = false } = found.columns[at] ?? {};
    if (type === undefined) return undefined;
    const notNull = column.notNull && !hasNull;
    if (column.notNull && hasNull)
      lost.push({ what: 'NOT NULL', name: `${table.name}.${column.name}`, why: 'rows have no value there' });
    columns.push({ ...column, notNull, type });
  }
  const { primary, ...rest } = table;
  if (primary === undefined) return { ...rest, columns };
  const hasGaps = columns.some(({ name }, at) => primary.columns.includes(name) && found.columns[at]?.hasNull === true);
  if (!hasGaps) return { ...rest, primary, columns };
  lost.push({ what: 'primary key', name: table.name, why: 'rows have no value in it; it is a unique key there' });
  return { ...rest, uniques: [primary, ...table.uniques], columns };
}

/** Numbers go on behind the largest there is, and behind the last that was given where the database remembers it. */
async function lastNumbers(
  source: Source,
  { tables, counters }: Told,
  all: ReadonlyMap<string, { readonly found: TableFound }>,
): Promise<Map<string, bigint>> {
  const last = new Map<string, bigint>();
  const note = (table: string, number: bigint) => {
    const before = last.get(table);
    if (before === undefined || number > before) last.set(table, number);
  };
  for (const { name } of tables)
    for (const { largest } of all.get(name)?.found.columns ?? []) if (largest !== undefined) note(name, largest);
  if (counters !== undefined && source.content.data.has(counters.stored))
    for await (const lines of linesIn(counters.stored, source.slices(counters.stored)))
      for (const line of lines) {
        const found = counters.read(line);
        if (found !== undefined) note(found.table, found.last);
      }
  return last;
}
