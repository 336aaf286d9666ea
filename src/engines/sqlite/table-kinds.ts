import { optionsOf } from './definition.ts';
import type { Db } from './open.ts';
import { endsOf } from './sql/counted-tables.ts';
import { isVirtualDefinition } from './sql/virtual-tables.ts';

/** What SQLite's `PRAGMA table_list` would say of a table. */
export interface TableKind {
  readonly type: 'table' | 'virtual' | 'shadow';
  /** The virtual table that keeps what it knows in this one. */
  readonly of: string | undefined;
  readonly hasRowid: boolean;
  readonly isStrict: boolean;
}

/**
 * The kinds of all tables, from their definitions. Not from `PRAGMA table_list`: it works out the columns of every view, and of views
 * that each name the one before twice, forty are enough to keep it busy for ever.
 */
export function readTableKinds(db: Db): ReadonlyMap<string, TableKind> {
  const tables = db
    .prepare<[], { name: string; sql: string | null }>("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
    .all()
    .map(({ name, sql }) => ({ type: 'table' as const, name, sql: sql ?? '' }));
  const virtual = tables.filter(isVirtualDefinition);
  const owners = new Map(
    virtual.flatMap(({ name, sql }) => endsOf(sql).map((end) => [`${name}_${end}`.toLowerCase(), name])),
  );
  return new Map(
    tables.map((table): [string, TableKind] => {
      const { name, sql } = table;
      if (isVirtualDefinition(table))
        return [name, { type: 'virtual', of: undefined, hasRowid: true, isStrict: false }];
      const options = optionsOf(sql);
      const of = owners.get(name.toLowerCase());
      const type = of === undefined ? 'table' : 'shadow';
      return [name, { type, of, hasRowid: !options.includes('WITHOUT'), isStrict: options.includes('STRICT') }];
    }),
  );
}
