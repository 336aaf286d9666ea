import type { ColumnKind } from '../../../core/common/definitions.ts';
import { type Decimal, fitsInteger, isSame, textOfReal, type Value } from '../../../core/common/value.ts';
import type { Held } from '../../../core/common/write-expression.ts';
import type { ColumnType } from '../../across.ts';
import { readValue, writeBytes, writeReal } from './values.ts';

/** What would not be read as it was is not held. */
function type(name: string, held: Held, write: (value: Value) => string | undefined, read = readValue): ColumnType {
  return {
    name,
    held,
    read: (member) => (member === 'null' ? null : read(member)),
    write(value) {
      if (value === null) return 'null';
      const member = write(value);
      return member !== undefined && isSame(read(member), value) ? member : undefined;
    },
  };
}

const text = (value: Value) => (typeof value === 'string' && value.isWellFormed() ? JSON.stringify(value) : undefined);

/** SQLite makes a number of a text that reads like one, where a column is meant for numbers. */
const textThatStays = (value: Value) =>
  typeof value === 'string' && !/^\s*[+-]?[\d.]/.test(value) ? text(value) : undefined;

/** A day or a time begins with digits and goes on with what no number has. */
const textOfTime = (value: Value) =>
  typeof value === 'string' && /^\d+[:-]\d/.test(value) ? text(value) : textThatStays(value);

const isDecimal = (value: Value): value is Decimal => value !== null && typeof value === 'object' && 'decimal' in value;

const INTEGER = type('INTEGER', 'numbers', (value) =>
  typeof value === 'bigint' && fitsInteger(value) ? String(value) : undefined,
);
const REAL = type('REAL', 'numbers', (value) => {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : writeReal(value);
  return undefined;
});
const NUMERIC = type('NUMERIC', 'numbers', (value) => (becomesWhole(value) ? undefined : numeral(value)));
/** No declared type at all: only there 0.0 stays a real number, beside a whole one. */
const NUMBERS = type('', 'numbers', numeral);
const BOOLEAN = type('BOOLEAN', 'truth', (value) => (typeof value === 'boolean' ? String(Number(value)) : undefined));
const TEXT = type('TEXT', 'texts', text);
const BLOB = type('BLOB', 'bytes', (value) => (value instanceof Uint8Array ? writeBytes(value) : undefined));
const DATE = type('DATE', 'texts', textOfTime);
const TIME = type('TIME', 'texts', textOfTime);
const TIMESTAMP = type('TIMESTAMP', 'texts', textOfTime);
const TIMESTAMPTZ = type('TIMESTAMPTZ', 'texts', textOfTime);
const UUID = type('UUID', 'texts', (value) =>
  typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value) ? text(value) : undefined,
);
const JSON_TEXT = type('JSON', 'other', jsonText, (member) => {
  const value = readValue(member);
  return typeof value === 'bigint' || typeof value === 'number' ? textOfNumber(value) : value;
});
/** Numbers that SQLite's own cannot hold. */
const DIGITS = type(
  'TEXT',
  'other',
  (value) => {
    if (isDecimal(value)) return JSON.stringify(value.decimal);
    if (typeof value === 'bigint') return JSON.stringify(String(value));
    return typeof value === 'number' ? JSON.stringify(textOfReal(value)) : undefined;
  },
  (member) => ({ decimal: String(JSON.parse(member)) }),
);

/** A column for numbers makes whole ones of real numbers where it can, and then divides them as such. */
const becomesWhole = (value: Value) =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 63;

function numeral(value: Value): string | undefined {
  if (typeof value === 'bigint') return fitsInteger(value) ? String(value) : undefined;
  if (typeof value === 'number') return REAL.write(value);
  if (!isDecimal(value)) return undefined;
  const { decimal } = value;
  if (/^-?\d+$/.test(decimal) && fitsInteger(BigInt(decimal))) return decimal;
  const real = Number(decimal);
  // A column for numbers keeps a whole one without a point.
  return Number.isFinite(real) ? writeReal(real) : undefined;
}

/** A document that is no more than a number is one to SQLite. */
function jsonText(value: Value): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (!/^\s*[+-]?[\d.]/.test(value)) return text(value);
  if (/^-?\d+$/.test(value) && fitsInteger(BigInt(value))) return value;
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value) ? writeReal(Number(value)) : undefined;
}

const textOfNumber = (value: bigint | number) => (typeof value === 'bigint' ? String(value) : textOfReal(value));

/** What a column becomes that is meant for such values, the best first. */
export const types: Readonly<Record<ColumnKind, readonly ColumnType[]>> = {
  integer: [INTEGER, DIGITS],
  real: [REAL, DIGITS],
  decimal: [NUMERIC, NUMBERS, DIGITS],
  truth: [BOOLEAN],
  text: [TEXT],
  bytes: [BLOB],
  date: [DATE],
  time: [TIME],
  timestamp: [TIMESTAMP],
  moment: [TIMESTAMPTZ],
  json: [JSON_TEXT],
  uuid: [UUID],
  any: [TEXT, INTEGER, REAL, NUMERIC, NUMBERS, BLOB, DIGITS],
};
