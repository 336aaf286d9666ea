import type { Comparison, Expression } from './expression.ts';
import { fitsInteger, type Value } from './value.ts';

/** What values of a column are, as far as conditions must know: what is compared with what else would mean another thing elsewhere. */
export type Held = 'numbers' | 'texts' | 'truth' | 'bytes' | 'other';

export interface Writing {
  /** What a column holds; undefined where there is no such column. */
  held(column: string): Held | undefined;
  name(column: string): string;
  truth(value: boolean): string;
}

/** Thrown inside alone. */
class MeansOther extends Error {}

/**
 * A condition as SQL that means the same as where it was read; undefined where that is not certain. Texts are only asked whether they are alike:
 * which of two comes first, each kind of database says in its own way.
 */
export function writeCondition(condition: Expression, how: Writing): string | undefined {
  try {
    return asCondition(condition, how);
  } catch (error) {
    if (error instanceof MeansOther) return undefined;
    throw error;
  }
}

function asCondition(found: Expression, how: Writing): string {
  switch (found.is) {
    case 'all':
    case 'any':
      return `(${found.of.map((each) => asCondition(each, how)).join(found.is === 'all' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `(NOT ${asCondition(found.what, how)})`;
    case 'null':
      return `(${asOperand(found.what, how).sql} IS NULL)`;
    case 'compared':
      return compared(found.by, found.left, found.right, how);
    case 'among': {
      const { held, sql } = asOperand(found.what, how);
      return `(${sql} IN (${found.values.map((each) => valueIn(each, held, how)).join(', ')}))`;
    }
    case 'column': {
      const { held, sql } = asOperand(found, how);
      if (held === 'truth') return `(${sql} = ${how.truth(true)})`;
      if (held === 'numbers') return `(${sql} <> 0)`;
      throw new MeansOther();
    }
    default:
      throw new MeansOther();
  }
}

function compared(by: Comparison, left: Expression, right: Expression, how: Writing): string {
  if (left.is === 'value') {
    if (right.is === 'value') throw new MeansOther();
    return compared(TURNED[by], right, left, how);
  }
  const { held, sql } = asOperand(left, how);
  const isOrder = by !== '=' && by !== '<>';
  if (isOrder && held !== 'numbers') throw new MeansOther();
  if (right.is === 'value') return `(${sql} ${by} ${valueIn(right, held, how)})`;
  const other = asOperand(right, how);
  if (other.held !== held || held === 'other') throw new MeansOther();
  return `(${sql} ${by} ${other.sql})`;
}

const TURNED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

interface Operand {
  readonly sql: string;
  readonly held: Held;
}

function asOperand(found: Expression, how: Writing): Operand {
  if (found.is === 'column') {
    const held = how.held(found.name);
    if (held === undefined) throw new MeansOther();
    return { sql: how.name(found.name), held };
  }
  if (found.is === 'length') {
    const { sql, held } = asOperand(found.of, how);
    if (held !== 'texts') throw new MeansOther();
    return { sql: `length(${sql})`, held: 'numbers' };
  }
  throw new MeansOther();
}

/** A value that is held against such ones. */
function valueIn(found: Expression, held: Held, how: Writing): string {
  if (found.is !== 'value') throw new MeansOther();
  const sql = sqlOf(found.value, held, how);
  if (sql === undefined) throw new MeansOther();
  return sql;
}

function sqlOf(value: Value, held: Held, how: Writing): string | undefined {
  if (held === 'texts') return typeof value === 'string' && !value.includes('\0') ? literal(value) : undefined;
  if (held === 'truth') {
    if (typeof value === 'boolean') return how.truth(value);
    return value === 0n || value === 1n ? how.truth(value === 1n) : undefined;
  }
  if (held !== 'numbers') return undefined;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return fitsInteger(value) ? String(value) : undefined;
  const isDecimal = value !== null && typeof value === 'object' && 'decimal' in value;
  return isDecimal && value.decimal.length <= DIGITS_OF_A_REAL ? value.decimal : undefined;
}

/** With so many, a number is the same whether it is taken for what it says or for the nearest that a machine holds. */
const DIGITS_OF_A_REAL = 15;

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
