import { asConfigText } from '../../core/config.ts';
import { type FakePlan, planFakes, type Schema } from '../../core/fakes/plan.ts';
import type { Saved, TableData } from '../../core/manifest.ts';
import { isIdentifying } from '../../core/privacy/fake-kinds.ts';
import { cannotFake, copiesLeft } from '../../core/problems/fakes.ts';
import { count } from '../../core/words.ts';
import type { Database } from '../../engines/engine.ts';
import { rowsIn, totalRows } from '../../format/rows-by-table.ts';
import type { Unsealed } from '../unseal.ts';
import { type Copies, findCopies, namedInDefinitions } from './copies.ts';
import { remadeLines } from './fake-lines.ts';
import { eachRow, type Held, heldIn } from './held.ts';
import { indexesFor } from './indexes.ts';
import type { Making, Remade, Wanted } from './making.ts';
import { gather } from './private-values.ts';
import { type Sample, sampleOf } from './sample.ts';

/** What restores are given, and load no fakes without it: apps bring back what there was. */
export const makingFor = (wanted: Wanted): Making => ({
  environment: wanted.environment,
  remake: (database, unsealed, scratch, onRows) => remake(database, unsealed, wanted, scratch, onRows),
});

/**
 * Puts fakes into a backup's rows, and takes a share of them, while they are read: so nothing of what they were comes to any disk. Throws
 * CONFIG_INVALID where fakes cannot stand, or what they stand for would stay elsewhere.
 */
async function remake(
  database: Database,
  unsealed: Unsealed,
  making: Wanted,
  scratch: string,
  onRows: (rows: number) => void,
): Promise<Remade> {
  const held = heldIn(unsealed);
  const { content } = held;
  const { codec } = database;
  const defined = await database.defined(content.schema, content.settings, scratch);
  const { shapes } = defined;
  const schema: Schema = {
    tables: shapes.tables,
    keys: await database.keysOf(content.schema),
    fold: shapes.fold,
  };
  const plan = planFakes(making.fakes, schema);
  mustBePossible(plan.obstacles);
  const ledgers = new Set(content.schema.filter((each) => codec.bookkeepingOf(each)).map(({ name }) => name));
  const own = shapes.tables.filter(
    ({ name, kind }) => kind === 'table' && content.data.has(name) && !ledgers.has(name) && !isEmptied(plan, name),
  );
  const sample: Sample =
    making.share === undefined ? new Map() : await sampleOf(held, own, schema, making.share, making.secret, onRows);
  const indexes = indexesFor(defined, plan, new Set(sample.keys()));
  mustBePossible(indexes.obstacles);
  const { values, obstacles, isPartial } = await gather(held, plan, making.secret, onRows);
  mustBePossible(obstacles);
  const isLookedAt = (table: string) =>
    !codec.isInternal(table) && !table.startsWith('sqlite_') && !indexes.rows.has(table) && !ledgers.has(table);
  const copies = values.texts.size === 0 ? [] : await findCopies(held, plan, values, isLookedAt, onRows);
  mustLeaveNone(copies);
  const data = await dataOf(held, plan, sample, indexes.rows);
  const remade: Saved = { ...content, data };
  return {
    content: remade,
    slices: (table, share) => remadeLines(held, table, share, { plan, sample, secret: making.secret, instead: data }),
    rows: totalRows(rowsIn(codec, remade)),
    rebuild: indexes.rebuild,
    made: {
      environment: making.environment,
      faked: fakedIn(plan),
      emptied: [...plan.tables].flatMap(([name, { isEmpty }]) => (isEmpty ? [name] : [])),
      carried: plan.carried,
      notes: [
        ...copies.map(inWords),
        ...namedInDefinitions(held, values),
        ...(isPartial ? ['not all values that went were looked for elsewhere: there are too many'] : []),
        ...indexes.notes,
      ],
    },
  };
}

const isEmptied = (plan: FakePlan, table: string) => plan.tables.get(table)?.isEmpty === true;

const fakedIn = (plan: FakePlan) =>
  Object.fromEntries(
    [...plan.tables].flatMap(([name, { columns }]) => (columns.size === 0 ? [] : [[name, [...columns.keys()]]])),
  );

function mustBePossible(obstacles: readonly string[]): void {
  if (obstacles.length > 0) throw cannotFake(obstacles)();
}

const inWords = ({ table, column, kind, rows }: Copies) =>
  `${table}.${column} holds what is a ${kind} elsewhere in ${count(rows, 'row')}, and stays as it is`;

/** A name that two columns have may be chance; an address is a copy. */
function mustLeaveNone(copies: readonly Copies[]): void {
  const certain = copies.filter(({ kind }) => isIdentifying(kind));
  if (certain.length === 0) return;
  const lines = new Map<string, Record<string, string>>();
  for (const { table, column, kind } of certain) lines.set(table, { ...lines.get(table), [column]: kind });
  const columns = certain.map(
    ({ table, column, kind, rows }) => `${table}.${column} (${kind}, in ${count(rows, 'row')})`,
  );
  throw copiesLeft(columns, `fake: ${asConfigText(Object.fromEntries(lines))}`)();
}

/** How many rows each table is to have; of some, the rows themselves. */
async function dataOf(
  held: Held,
  plan: FakePlan,
  sample: Sample,
  ofIndexes: ReadonlyMap<string, readonly string[]>,
): Promise<ReadonlyMap<string, TableData>> {
  const data = new Map<string, TableData>();
  const isTouched = touchedBy(plan, sample);
  for (const [name, table] of held.content.data) {
    const instead = ofIndexes.get(name);
    const chosen = sample.get(name);
    if (instead !== undefined) data.set(name, { rows: instead });
    else if (isEmptied(plan, name)) data.set(name, { rows: [] });
    else if (name === 'sqlite_stat4') data.set(name, { rows: await linesWithout(held, name, isTouched) });
    else if (chosen === undefined) data.set(name, table);
    else data.set(name, { count: chosen.reduce((sum, each) => sum + each, 0), parts: [] });
  }
  return data;
}

const touchedBy = (plan: FakePlan, sample: Sample) => (table: string) => {
  const own = plan.tables.get(table);
  return sample.has(table) || own?.isEmpty === true || (own?.columns.size ?? 0) > 0;
};

/** Samples of keys are values. */
async function linesWithout(held: Held, table: string, isTouched: (table: string) => boolean): Promise<string[]> {
  const lines: string[] = [];
  await eachRow(held, table, (members, line) => {
    const about: unknown = JSON.parse(members.get('tbl') ?? 'null');
    if (typeof about !== 'string' || !isTouched(about)) lines.push(line);
  });
  return lines;
}
