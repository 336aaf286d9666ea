import { nearest } from '../nearest.ts';
import { privacyUnknown } from '../problems/settings.ts';
import type { Exclusion, Replacement } from './left-out.ts';
import type { PrivacyConfig } from './settings.ts';
import type { Fold, TableShape } from './shape.ts';

/** What a configuration says, under the names that the schema has. */
export interface Declared {
  /** For each table its columns, and what is to stand in their place. */
  readonly redact: ReadonlyMap<string, ReadonlyMap<string, Replacement | null>>;
  readonly keep: ReadonlyMap<string, ReadonlySet<string>>;
  readonly include: ReadonlyMap<string, string>;
  readonly exclude: ReadonlyMap<string, Exclusion>;
}

/** Throws CONFIG_INVALID for a table or column that is not there. */
export function declaredIn(config: PrivacyConfig, tables: readonly TableShape[], fold: Fold): Declared {
  const isSame = (a: string, b: string) => fold(a) === fold(b);
  const named = tables.filter(({ kind }) => kind !== 'shadow');
  const resolve = <T, R>(setting: keyof PrivacyConfig, take: (value: T, table: TableShape) => R, given?: Entries<T>) =>
    new Map(
      Object.entries(given ?? {}).map(([name, value]) => {
        const table = named.find((each) => isSame(each.name, name));
        if (table === undefined) {
          const names = named.map((each) => each.name);
          // A table that is left out whole is not there after a restore; what reads like another is a slip of the pen.
          if (value === 'whole' && nearest(name, names) === undefined) return [name, take(value, NOWHERE)] as const;
          throw unknown(setting, name, 'table', names);
        }
        return [table.name, take(value, table)] as const;
      }),
    );
  const column = (setting: keyof PrivacyConfig, table: TableShape, name: string) => {
    const found = table.columns.find((each) => isSame(each.name, name));
    const names = table.columns.map((each) => each.name);
    if (found === undefined) throw unknown(setting, name, `column of ${table.name}`, names);
    return found.name;
  };
  const replaced = (value: readonly string[] | Entries<Replacement | null>) =>
    isList(value) ? value.map((name): [string, null] => [name, null]) : Object.entries(value);
  return {
    redact: resolve(
      'redact',
      (value: readonly string[] | Entries<Replacement | null>, table) =>
        new Map(replaced(value).map(([name, put]) => [column('redact', table, name), put])),
      config.redact,
    ),
    keep: resolve(
      'keep',
      (names: readonly string[], table) => new Set(names.map((name) => column('keep', table, name))),
      config.keep,
    ),
    include: resolve('include', (condition: string) => condition, config.include),
    exclude: resolve('exclude', (what: Exclusion) => what, config.exclude),
  };
}

const NOWHERE: TableShape = {
  name: '',
  kind: 'table',
  columns: [],
  uniques: [],
  references: [],
  computedFrom: () => new Set(),
};

type Entries<T> = Readonly<Record<string, T>>;

const isList = (value: readonly string[] | object): value is readonly string[] => Array.isArray(value);

function unknown(setting: string, name: string, what: string, there: readonly string[]) {
  return privacyUnknown(setting, name, what, nearest(name, there))();
}
