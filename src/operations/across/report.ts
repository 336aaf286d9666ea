import type { Lost } from '../../core/common/definitions.ts';
import type { Misfits } from './choose-types.ts';
import type { Plan } from './plan.ts';

export interface ColumnReport {
  readonly name: string;
  /** As the database that is copied declares it; empty where it says nothing. */
  readonly declared: string;
  /** What it becomes; missing where nothing holds all of its values. */
  readonly type?: string;
  /** Missing where it becomes what it is meant for. */
  readonly because?: ValuesReport;
}

/** Values that are not what their column is meant for. */
export interface ValuesReport {
  readonly type: string;
  readonly count: number;
  readonly first: Misfits['first'];
}

export interface TableReport {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ColumnReport[];
}

/** What comes of a copy, as it is known before anything is written. */
export interface CopyReport {
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  readonly tables: readonly TableReport[];
  /** What the other database will not have. */
  readonly lost: readonly Lost[];
  /** How many values would not be the same: then nothing is copied. */
  readonly refused: number;
}

export function reportOf({ tables, lost }: Plan, from: string, to: string): CopyReport {
  const reports = tables.map(({ told, found }): TableReport => {
    const columns = told.columns.map(({ name, declared }, at): ColumnReport => {
      const { type, misfits } = found.columns[at] ?? {};
      return {
        name,
        declared,
        ...(type === undefined ? {} : { type: type.name }),
        ...(misfits === undefined
          ? {}
          : { because: { type: misfits.type.name, count: misfits.count, first: misfits.first } }),
      };
    });
    return { name: told.name, rows: found.rows, columns };
  });
  const without = reports.flatMap(({ columns }) => columns.filter(({ type }) => type === undefined));
  return {
    from,
    to,
    rows: reports.reduce((sum, { rows }) => sum + rows, 0),
    tables: reports,
    lost,
    refused: without.reduce((sum, { because }) => sum + (because?.count ?? 0), 0),
  };
}

/** The columns for whose values there is no place. */
export const columnsWithout = ({ tables }: CopyReport): number =>
  tables.reduce((sum, { columns }) => sum + columns.filter(({ type }) => type === undefined).length, 0);
