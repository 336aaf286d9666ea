import { nearest } from '../nearest.ts';
import { type FakeKind, type FakeOfColumn, type FakesConfig, isFakeKind } from '../privacy/fake-kinds.ts';
import type { Fold, Reference, TableShape } from '../privacy/shape.ts';
import { fakeUnknown } from '../problems/fakes.ts';
import { canHold, isOfWords, largestIn, longestIn } from './column-types.ts';
import { LARGEST } from './numbers.ts';
import { type FakeRule, shortest } from './texts.ts';

export interface TablePlan {
  /** `undefined` makes the column empty. */
  readonly columns: ReadonlyMap<string, FakeRule | undefined>;
  /** Columns that stay, whatever stands in them. */
  readonly kept: ReadonlySet<string>;
  /** Columns in which no two rows may be the same. */
  readonly unique: ReadonlySet<string>;
  /** Columns that hold keys of other rows. */
  readonly pointing: ReadonlySet<string>;
  readonly isEmpty: boolean;
  readonly isVirtual: boolean;
}

export interface FakePlan {
  readonly tables: ReadonlyMap<string, TablePlan>;
  /** Columns that nobody named, and that point to one that somebody did, or the other way round: `orders.user_email`. */
  readonly carried: readonly string[];
  /** Why it cannot be, in sentences without their full stops. */
  readonly obstacles: readonly string[];
}

export interface Schema {
  readonly tables: readonly TableShape[];
  /** The columns of each table's primary key, in order. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly fold: Fold;
}

interface Column {
  readonly table: TableShape;
  readonly name: string;
  said: FakeOfColumn;
}

const idOf = (table: string, column: string) => JSON.stringify([table, column]);
const inWords = ({ table, name }: Column) => `${table.name}.${name}`;

/** What becomes of each column. Throws CONFIG_INVALID for names that are not there. */
export function planFakes(config: FakesConfig, schema: Schema): FakePlan {
  const { columns, empty } = named(config, schema);
  const obstacles: string[] = [];
  const carried = carry(columns, empty, schema, obstacles);
  const faked = [...columns.values()].filter((each) => isFakeKind(each.said));
  const rules = rulesFor(faked, schema, obstacles);
  for (const column of columns.values()) obstacles.push(...obstaclesTo(column, rules, schema));
  obstacles.push(...emptied(empty, schema), ...words(columns, empty, schema));
  const tables = new Map(
    schema.tables.map((table): [string, TablePlan] => {
      const own = [...columns.values()].filter((each) => each.table === table);
      const unique = own.filter((each) => isUnique(each, schema)).map(({ name }) => name);
      return [
        table.name,
        {
          columns: new Map(
            own.flatMap(({ name, said }) =>
              said === 'keep' ? [] : [[name, said === null ? undefined : rules.get(said)]],
            ),
          ),
          kept: new Set(own.filter(({ said }) => said === 'keep').map(({ name }) => name)),
          unique: new Set(unique),
          pointing: new Set(
            table.columns
              .map(({ name }) => name)
              .filter((name) =>
                table.references.some(({ from }) => from.some((each) => schema.fold(each) === schema.fold(name))),
              ),
          ),
          isEmpty: empty.has(table.name),
          isVirtual: table.kind === 'virtual',
        },
      ];
    }),
  );
  return { tables, carried, obstacles };
}

/** Under the names that the schema has. */
function named(config: FakesConfig, { tables, fold }: Schema) {
  const columns = new Map<string, Column>();
  const empty = new Set<string>();
  const own = tables.filter(({ kind }) => kind !== 'shadow');
  for (const [name, said] of Object.entries(config)) {
    const table = own.find((each) => fold(each.name) === fold(name));
    if (table === undefined)
      throw fakeUnknown(
        name,
        'table',
        nearest(
          name,
          own.map((each) => each.name),
        ),
      )();
    if (said === 'empty') {
      empty.add(table.name);
      continue;
    }
    for (const [each, what] of Object.entries(said)) {
      const column = table.columns.find((other) => fold(other.name) === fold(each));
      const names = table.columns.map((other) => other.name);
      if (column === undefined) throw fakeUnknown(each, `column of ${table.name}`, nearest(each, names))();
      columns.set(idOf(table.name, column.name), { table, name: column.name, said: what });
    }
  }
  return { columns, empty };
}

/** What a foreign key joins stays joined: both ends get the same fakes. Returns those that nobody named. */
function carry(
  columns: Map<string, Column>,
  empty: ReadonlySet<string>,
  schema: Schema,
  obstacles: string[],
): string[] {
  const carried: string[] = [];
  const pairs = pairsIn(schema).filter(([from, to]) => !empty.has(from.table.name) && !empty.has(to.table.name));
  for (let before = -1; before < columns.size; ) {
    before = columns.size;
    for (const pair of pairs)
      for (const [one, other] of [pair, [pair[1], pair[0]] as const]) {
        const said = columns.get(idOf(one.table.name, one.name))?.said;
        if (!isFakeKind(said) || columns.has(idOf(other.table.name, other.name))) continue;
        columns.set(idOf(other.table.name, other.name), { ...other, said });
        carried.push(inWords(other));
      }
  }
  for (const [from, to] of pairs) {
    const [one, other] = [from, to].map((each) => columns.get(idOf(each.table.name, each.name))?.said);
    // What points to nothing is empty; what is pointed to cannot be.
    if (one !== other && one !== null && (isFakeKind(one) || isFakeKind(other)))
      obstacles.push(`${inWords(from)} points to ${inWords(to)}, and the two are to be different`);
  }
  return carried;
}

function pairsIn({ tables, keys, fold }: Schema): (readonly [Column, Column])[] {
  const columnOf = (table: TableShape | undefined, name: string | undefined): Column | undefined => {
    const found = table?.columns.find((each) => fold(each.name) === fold(name ?? ''));
    return table === undefined || found === undefined ? undefined : { table, name: found.name, said: null };
  };
  return tables.flatMap((table) =>
    table.references.flatMap((reference) => {
      const parent = tables.find((each) => fold(each.name) === fold(reference.table));
      const to = pointedTo(reference, keys, parent?.name);
      return reference.from.flatMap((name, at) => {
        const pair = [columnOf(table, name), columnOf(parent, to[at])] as const;
        return pair[0] === undefined || pair[1] === undefined ? [] : [[pair[0], pair[1]] as const];
      });
    }),
  );
}

/** The columns that a foreign key points to, which need not be named where they are the primary key. */
export const pointedTo = (
  { to }: Reference,
  keys: ReadonlyMap<string, readonly string[]>,
  parent: string | undefined,
): readonly string[] => (to.length > 0 ? to : (keys.get(parent ?? '') ?? []));

function isUnique({ table, name }: Column, schema: Schema): boolean {
  const { fold } = schema;
  const isIt = (each: string | undefined) => each !== undefined && fold(each) === fold(name);
  const inIndex = table.uniques.some(
    ({ columns, mentions }) => columns.some(isIt) || (columns.includes(undefined) && mentions.has(fold(name))),
  );
  const isKey = table.columns.some((each) => each.name === name && each.isKey);
  return inIndex || isKey || pairsIn(schema).some(([, to]) => to.table === table && to.name === name);
}

/** One rule for each kind: the same value is the same fake in every column. */
function rulesFor(faked: readonly Column[], schema: Schema, obstacles: string[]): Map<FakeKind, FakeRule> {
  const rules = new Map<FakeKind, FakeRule>();
  for (const kind of new Set(faked.flatMap(({ said }) => (isFakeKind(said) ? [said] : [])))) {
    const own = faked.filter(({ said }) => said === kind);
    const unique = own.some((each) => isUnique(each, schema));
    const types = own.map((each) => ({ each, type: typeOf(each) }));
    const shorter = types.filter(({ type }) => (longestIn(type) ?? LONG) < shortest(kind, unique));
    for (const { each, type } of shorter)
      obstacles.push(
        `${inWords(each)} (${type}) has no room for the ${unique ? `${kind} fakes that no two may share` : `fake of a ${kind}`}`,
      );
    const lengths = types.flatMap(({ type }) => longestIn(type) ?? []);
    const largest = types.map(({ type }) => largestIn(type)).reduce((a, b) => (a < b ? a : b), LARGEST);
    rules.set(kind, {
      kind,
      isUnique: unique,
      largest,
      ...(lengths.length === 0 ? {} : { most: Math.min(...lengths) }),
    });
  }
  return rules;
}

const LONG = Number.POSITIVE_INFINITY;
const typeOf = ({ table, name }: Column) => table.columns.find((each) => each.name === name)?.type ?? '';

function obstaclesTo(column: Column, rules: ReadonlyMap<FakeKind, FakeRule>, schema: Schema): string[] {
  const { table, name, said } = column;
  if (said === 'keep') return [];
  const shape = table.columns.find((each) => each.name === name);
  const because = (why: string) => [`${inWords(column)} ${why}`];
  if (table.kind === 'virtual') return because("is in a virtual table: 'empty' leaves its rows out");
  if (shape?.isGenerated) return because('is computed from other columns: fake those');
  if (said === null) {
    if (shape?.notNull || shape?.isKey) return because('is NOT NULL');
    return pairsIn(schema).some(([, to]) => to.table === table && to.name === name)
      ? because('is what other rows point to')
      : [];
  }
  const type = typeOf(column);
  if (!canHold(type, said)) return because(`is of the type ${type}, which holds no ${said}`);
  if (said === 'date' && rules.get(said)?.isUnique && isUnique(column, schema))
    return because('must be unique, and dates that are moved may meet');
  return [];
}

function emptied(empty: ReadonlySet<string>, { tables, fold }: Schema): string[] {
  return tables
    .filter(({ name }) => !empty.has(name))
    .flatMap(({ name, references }) =>
      references
        .filter(({ table }) => [...empty].some((each) => fold(each) === fold(table)))
        .map(({ table }) => `rows of ${name} point to ${table}, which is to be empty`),
    );
}

/** The words of a text stay in a column that was made of it. */
function words(columns: ReadonlyMap<string, Column>, empty: ReadonlySet<string>, { tables }: Schema): string[] {
  const touched = new Set([...columns.values()].filter(({ said }) => said !== 'keep').map(({ table }) => table.name));
  return tables
    .filter(({ name }) => touched.has(name) && !empty.has(name))
    .flatMap(({ name, columns: all }) =>
      all
        .filter((each) => isOfWords(each.type) && !each.isGenerated && !columns.has(idOf(name, each.name)))
        .map((each) => `${name}.${each.name} keeps words of other columns: say null of it, or 'keep'`),
    );
}
