import { bookkeepingOf } from '../bookkeeping.ts';
import { setting } from '../hint.ts';
import type { SchemaObject } from '../manifest.ts';
import { cannotExclude, cannotLeaveOut } from '../problems/settings.ts';
import { isOfUsers, looksLikeCredential } from './credentials.ts';
import { type Declared, declaredIn } from './declared.ts';
import type { FindLeakingTables } from './leaking-table.ts';
import { leftOutOf, type Replacement, type Selection } from './left-out.ts';
import { type Obstacle, obstaclesOf } from './obstacles.ts';
import type { PrivacyConfig } from './settings.ts';
import type { ColumnShape, Fold, TableShape } from './shape.ts';

/** A project's say about its backups. */
export interface Privacy extends PrivacyConfig {
  /** Whether columns that look like credentials are left out without anybody saying so. Default: yes. */
  readonly byName?: boolean;
}

/** A database, as far as it matters here. */
export interface Shapes {
  readonly tables: readonly TableShape[];
  /** What else is defined over tables: views and triggers. */
  readonly others: readonly Definition[];
  readonly fold: Fold;
  /** Tables that would tell what others leave out. */
  readonly leakingTables: FindLeakingTables;
}

/** A definition, as far as it matters which tables it needs. */
export interface Definition extends Pick<SchemaObject, 'type' | 'name' | 'table'> {
  /** Every name that it mentions, as names are compared. A text that reads like a name counts too: better once too often. */
  mentions(): ReadonlySet<string>;
}

/**
 * Decides what a backup of these tables leaves out. Throws CONFIG_INVALID for names that are not there and for what could not be
 * restored, all at once and with the lines of configuration that settle it.
 */
export function selectionOf(privacy: Privacy, shapes: Shapes): Selection {
  const { selection, obstacles, declared } = decide(privacy, shapes);
  if (obstacles.length > 0) throw refusal(obstacles, declared);
  mustBeDispensable(declared, shapes);
  return selection;
}

/** What a project has to say before its backups can leave out what looks like credentials. */
export type Settlement = Pick<PrivacyConfig, 'redact' | 'exclude' | 'keep'>;

/**
 * The settings without which `selectionOf` would refuse a project that has none; undefined where it needs none. Rows that cannot come back
 * without a credential are left out, but for users: they are saved with it.
 */
export function settlementOf(shapes: Shapes): Settlement | undefined {
  const { obstacles } = decide({}, shapes);
  if (obstacles.length === 0) return undefined;
  const kept = columnsOf(obstacles.filter(({ table, wantsValue }) => !wantsValue && isOfUsers(table)));
  const keep = kept.size === 0 ? {} : { keep: Object.fromEntries(kept) };
  const settled = { ...keep, ...settling(decide(keep, shapes).obstacles) };
  // Rows that are left out then may stand in an index once more.
  const { exclude } = settling(decide(settled, shapes).obstacles);
  return exclude === undefined ? settled : { ...settled, exclude: { ...settled.exclude, ...exclude } };
}

interface Decision {
  readonly selection: Selection;
  readonly obstacles: readonly Obstacle[];
  readonly declared: Declared;
}

function decide(privacy: Privacy, { tables, leakingTables, fold }: Shapes): Decision {
  if (tables.length === 0) return { selection: {}, obstacles: [], declared: declaredIn({}, [], fold) };
  const declared = declaredIn(privacy, tables, fold);
  const byName = privacy.byName ?? true;
  const obstacles: Obstacle[] = [];
  const redacted = new Map<string, string[]>();
  const values = new Map<string, [string, Replacement][]>();
  for (const table of tables) {
    if (declared.exclude.has(table.name)) continue;
    const obstacleTo = obstaclesOf(table, tables, fold);
    for (const column of table.columns) {
      const said = declared.redact.get(table.name)?.get(column.name);
      if (said === undefined && !(byName && isCredential(column, table, declared, fold))) continue;
      const obstacle = obstacleTo(column, said ?? null);
      if (obstacle !== undefined) obstacles.push(obstacle);
      add(redacted, table.name, column.name);
      if (said !== undefined && said !== null) add(values, table.name, [column.name, said]);
    }
  }
  const excluded = new Map(declared.exclude);
  const partial = new Set([...declared.include.keys(), ...excluded.keys()]);
  for (const { table, canBeMadeAgain, columns } of leakingTables(declared, { redacted, partial }, byName)) {
    if (canBeMadeAgain) excluded.set(table.name, 'rows');
    else if (columns.length === 0) obstacles.push(keepsRows(table.name));
    else for (const column of columns) obstacles.push(keepsACopy(table.name, column));
  }
  const replaced = [...values].map(([table, pairs]) => [table, pairs.map(([column]) => column)] as const);
  const selection = {
    ...leftOutOf({
      redacted: Object.fromEntries(redacted),
      replaced: Object.fromEntries(replaced),
      included: Object.fromEntries([...declared.include].filter(([table]) => !excluded.has(table))),
      excluded: Object.fromEntries(excluded),
    }),
    values: Object.fromEntries([...values].map(([table, pairs]) => [table, Object.fromEntries(pairs)])),
  };
  return { selection, obstacles, declared };
}

function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** A column that points to another table's row, or is computed, holds nothing of its own. */
function isCredential(column: ColumnShape, table: TableShape, declared: Declared, fold: Fold): boolean {
  if (bookkeepingOf(table.name, () => table.columns.map(({ name }) => name)) === 'ledger') return false;
  if (table.kind !== 'table' || column.isGenerated || declared.keep.get(table.name)?.has(column.name)) return false;
  if (table.references.some(({ from }) => from.some((name) => fold(name) === fold(column.name)))) return false;
  const columns = table.columns.map(({ name }) => name);
  return looksLikeCredential(column.name, { table: table.name, type: column.type, columns });
}

const keepsACopy = (table: string, column: string): Obstacle => ({
  table,
  column,
  why: 'stands once more in the index of this virtual table, which cannot be made again from another',
  wantsValue: false,
});

const keepsRows = (table: string): Obstacle => ({
  table,
  column: undefined,
  why: 'has the words of such rows in an index, which cannot be made again from another table',
  wantsValue: false,
});

function columnsOf(obstacles: readonly Obstacle[]): Map<string, string[]> {
  const columns = new Map<string, string[]>();
  for (const { table, column } of obstacles) if (column !== undefined) add(columns, table, column);
  return columns;
}

/** Empty text where a value would do, and no rows where it would not. */
function settling(obstacles: readonly Obstacle[]): { readonly redact?: Texts; readonly exclude?: OfTables } {
  const exclude = new Set(obstacles.filter(({ wantsValue }) => !wantsValue).map(({ table }) => table));
  const redact = [...columnsOf(obstacles)]
    .filter(([table]) => !exclude.has(table))
    .map(([table, columns]) => [table, Object.fromEntries(columns.map((column) => [column, '']))] as const);
  return {
    ...(redact.length === 0 ? {} : { redact: Object.fromEntries(redact) }),
    ...(exclude.size === 0
      ? {}
      : { exclude: Object.fromEntries([...exclude].map((table) => [table, 'rows' as const])) }),
  };
}

type OfTables = Readonly<Record<string, 'rows'>>;
type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One error for everything that stands in the way, with lines that may be pasted. */
function refusal(obstacles: readonly Obstacle[], declared: Declared) {
  const [first] = obstacles;
  const sentences = obstacles.map(
    ({ table, column, why }) => `${table}${column === undefined ? '' : `.${column}`} ${why}`,
  );
  const keep = Object.fromEntries(columnsOf(obstacles));
  const kept = Object.keys(keep).length === 0 ? [] : [setting({ keep })];
  return cannotLeaveOut(reasonFor(first, declared), sentences, [setting({ ...settling(obstacles) })], kept)();
}

function reasonFor(obstacle: Obstacle | undefined, { redact }: Declared): string {
  if (obstacle === undefined || obstacle.column === undefined) return "'include' or 'exclude' says";
  const isSaid = redact.get(obstacle.table)?.has(obstacle.column) === true;
  return isSaid ? "is in 'redact'" : 'looks like a credential';
}

/** Throws where something that stays needs a table that is to be left out whole. */
function mustBeDispensable({ exclude }: Declared, { tables, others, fold }: Shapes): void {
  const isSame = (a: string, b: string) => fold(a) === fold(b);
  const gone = [...exclude].filter(([, what]) => what === 'whole').map(([name]) => name);
  const stays = (name: string) => !gone.some((each) => isSame(each, name));
  for (const name of gone) {
    const pointing = tables.find((each) => stays(each.name) && each.references.some((key) => isSame(key.table, name)));
    const using = others.find((each) => stays(each.table) && each.mentions().has(fold(name)));
    if (pointing !== undefined) throw cannotExclude(name, `the foreign key of ${pointing.name}`)();
    if (using !== undefined) throw cannotExclude(name, `the ${using.type} ${using.name}`)();
  }
}
