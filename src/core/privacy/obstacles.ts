import type { Replacement } from './left-out.ts';
import type { ColumnShape, Fold, TableShape } from './shape.ts';

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

/**
 * What stands in the way of leaving out a column of a table; undefined where nothing does. Definitions are gone over once for all
 * columns.
 */
export function obstaclesOf(
  table: TableShape,
  tables: readonly TableShape[],
  fold: Fold,
): (column: ColumnShape, value: Replacement | null) => Obstacle | undefined {
  const behind = behindConstraints(table);
  return (column, value) => {
    const because = (why: string, wantsValue = false) => ({ table: table.name, column: column.name, why, wantsValue });
    const isIt = (name: string | undefined) => name !== undefined && fold(name) === fold(column.name);
    const isNamed = (names: ReadonlySet<string>) => names.has(fold(column.name));
    if (column.isGenerated) return because('is computed from other columns: what is to be left out are those');
    if (column.isKey) return because("is part of its table's key");
    const pointing = tables.find((other) =>
      other.references.some((key) => fold(key.table) === fold(table.name) && key.to.some(isIt)),
    );
    if (pointing !== undefined) return because(`is what rows of ${pointing.name} point to`);
    const unique = table.uniques.some(({ columns }) => columns.some(isIt));
    if (unique && column.notNull) return because('is NOT NULL and UNIQUE: no two rows could come back');
    if (unique && value !== null) return because('is UNIQUE: no two rows could have the same declared value');
    // An index on an expression, or on some rows only: what it covers changes with the column.
    if (table.uniques.some(({ columns, mentions }) => !columns.some(isIt) && isNamed(mentions)))
      return because('decides in a UNIQUE index which rows must differ');
    if (isNamed(behind)) return because('is what a column that is NOT NULL or UNIQUE is computed from');
    if (column.notNull && !column.hasDefault && value === null)
      return because('is NOT NULL without a default: a restore would have nothing to put there', true);
    return undefined;
  };
}

/** The names that stand in the table's computations, where one of them is NOT NULL or UNIQUE. */
function behindConstraints({ columns, uniques, computedFrom }: TableShape): ReadonlySet<string> {
  const unique = new Set(uniques.flatMap((each) => each.columns));
  const isBound = columns.some(({ isGenerated, notNull, name }) => isGenerated && (notNull || unique.has(name)));
  return isBound ? computedFrom() : new Set();
}
