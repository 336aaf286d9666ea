import type { Replacement } from './left-out.ts';
import { type ColumnShape, isSame, type TableShape } from './shape.ts';
import { inParenthesesAfter, mentions } from './sql-words.ts';

/** Why a restore could not do without what is to be left out, and what would settle it. */
export interface Obstacle {
  readonly table: string;
  /** Undefined where it is about rows. */
  readonly column: string | undefined;
  /** In words that follow the column's name, or the table's. */
  readonly why: string;
  /** Whether a declared value would do. Leaving the table's rows out, or keeping the column, always does. */
  readonly wantsValue: boolean;
}

/** What stands in the way of leaving a column out; undefined where nothing does. */
export function obstacleTo(
  column: ColumnShape,
  table: TableShape,
  value: Replacement | null,
  tables: readonly TableShape[],
): Obstacle | undefined {
  const because = (why: string, wantsValue = false) => ({ table: table.name, column: column.name, why, wantsValue });
  const isIt = (name: string | undefined) => name !== undefined && isSame(name, column.name);
  if (column.isGenerated) return because('is computed from other columns: what is to be left out are those');
  if (column.isKey) return because("is part of its table's key");
  const pointing = tables.find((other) =>
    other.references.some((key) => isSame(key.table, table.name) && key.to.some(isIt)),
  );
  if (pointing !== undefined) return because(`is what rows of ${pointing.name} point to`);
  const unique = table.uniques.some(({ columns }) => columns.some(isIt));
  if (unique && column.notNull) return because('is NOT NULL and UNIQUE: no two rows could come back');
  if (unique && value !== null) return because('is UNIQUE: no two rows could have the same declared value');
  if (table.uniques.some((each) => dependsOn(each, column.name)))
    return because('decides in a UNIQUE index which rows must differ');
  if (isBehindConstraint(column.name, table))
    return because('is what a column that is NOT NULL or UNIQUE is computed from');
  if (column.notNull && !column.hasDefault && value === null)
    return because('is NOT NULL without a default: a restore would have nothing to put there', true);
  return undefined;
}

/** An index on an expression, or on some rows only: what it covers changes with the column. */
function dependsOn({ columns, sql }: TableShape['uniques'][number], name: string): boolean {
  if (sql === undefined || columns.some((column) => column !== undefined && isSame(column, name))) return false;
  return mentions(sql, name);
}

function isBehindConstraint(name: string, table: TableShape): boolean {
  const bound = table.columns.filter(
    (column) =>
      column.isGenerated &&
      (column.notNull || table.uniques.some(({ columns }) => columns.some((each) => each === column.name))),
  );
  return bound.length > 0 && inParenthesesAfter(table.sql, 'AS').some((expression) => mentions(expression, name));
}
