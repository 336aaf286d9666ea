import { fieldsOf, text, within } from './fields.ts';
import { JsonSyntaxError, membersOf } from './json.ts';

/** The most rows a table had, and when. */
export interface Most {
  readonly rows: number;
  readonly date: string;
}

/** What a backup remembers of one table, so that nobody has to read all backups before it. */
export interface TableMemory {
  /** Where the table had more rows once. */
  readonly most?: Most;
  /** When somebody said that rows or values of it were meant to go: what it had until then does not count. */
  readonly meant?: string;
  /** Columns that have no value in any row. */
  readonly empty?: readonly string[];
}

export type Memory = ReadonlyMap<string, TableMemory>;

export const NO_MEMORY: Memory = new Map();

/** The lines of a manifest: a table each. Undefined where there is nothing to remember. */
export function memoryLines(memory: Memory): readonly string[] {
  return [...memory].map(([table, { most, meant, empty }]) => {
    const fields = JSON.stringify({
      ...(most === undefined ? {} : { most: { rows: most.rows, date: most.date } }),
      meant,
      empty,
    });
    return `${JSON.stringify(table)}: ${fields}`;
  });
}

export function readMemory(raw: string | undefined): Memory {
  if (raw === undefined) return NO_MEMORY;
  return new Map([...membersOf(raw)].map(([table, value]) => [table, readTableMemory(value)]));
}

function readTableMemory(raw: string): TableMemory {
  const fields = fieldsOf(raw, 'memory of a table');
  const { empty } = fields;
  if (empty !== undefined && !isListOfText(empty)) throw new JsonSyntaxError('no names of columns');
  return {
    ...(fields.most === undefined ? {} : { most: readMost(membersOf(raw).get('most')) }),
    ...(fields.meant === undefined ? {} : { meant: date(text(fields, 'meant')) }),
    ...(empty === undefined ? {} : { empty }),
  };
}

function readMost(raw: string | undefined): Most {
  const fields = fieldsOf(raw, 'most rows');
  return { rows: within(fields, 'rows', 1, Number.MAX_SAFE_INTEGER), date: date(text(fields, 'date')) };
}

function date(value: string): string {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) throw new JsonSyntaxError('no date');
  return value;
}

const isListOfText = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
