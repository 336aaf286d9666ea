import type { ColumnKind } from '../../../core/common/definitions.ts';
import {
  base64Of,
  type Decimal,
  fitsInteger,
  isSame,
  plainDigits,
  textOfReal,
  type Value,
} from '../../../core/common/value.ts';
import type { Held } from '../../../core/common/write-expression.ts';
import { membersOf } from '../../../core/json.ts';
import type { ColumnType } from '../../across.ts';
import { isDay, isMoment, isTimeOfDay, isTimestamp } from './times.ts';

/** What would not be read as it was is not held. */
function type(
  name: string,
  held: Held,
  write: (value: Value) => string | undefined,
  read: (member: string) => Value,
): ColumnType {
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

/** What stands in a member: the text between its quotes, or what is bare. */
export const textIn = (member: string): string => (member.startsWith('"') ? String(JSON.parse(member)) : member);

/** A text of the server's holds every character but one. */
const text = (value: Value) =>
  typeof value === 'string' && !value.includes('\0') && value.isWellFormed() ? JSON.stringify(value) : undefined;
const textIf = (is: (text: string) => boolean) => (value: Value) =>
  typeof value === 'string' && is(value) ? text(value) : undefined;

const isDecimal = (value: Value): value is Decimal => value !== null && typeof value === 'object' && 'decimal' in value;

const bare = (number: string) => (/^-?\d/.test(number) ? number : JSON.stringify(number));

export const readReal = (member: string): Value => Number(textIn(member));
export const readBytes = (member: string): Value =>
  Buffer.from(String(JSON.parse(membersOf(member).get('$blob') ?? '""')), 'base64');

/** A number with one zero behind its point was a real one, where it came from a database that tells them apart. */
export function readNumber(member: string): Value {
  const digits = textIn(member);
  return /^-?\d+\.0$/.test(digits) && plainDigits(Number(digits)) === digits.slice(0, -2)
    ? Number(digits)
    : readDecimal(member);
}

export function readDecimal(member: string): Value {
  const digits = textIn(member);
  if (/^-?\d+$/.test(digits) && digits.length <= LONGEST_INTEGER && fitsInteger(BigInt(digits))) return BigInt(digits);
  return { decimal: digits };
}

const LONGEST_INTEGER = 20;

const BIGINT = type(
  'bigint',
  'numbers',
  (value) => (typeof value === 'bigint' && fitsInteger(value) ? String(value) : undefined),
  (member) => BigInt(member),
);
const DOUBLE = type(
  'double precision',
  'numbers',
  (value) => (typeof value === 'number' ? bare(asServerWrites(value)) : undefined),
  readReal,
);
const NUMERIC = type('numeric', 'numbers', numeral, readNumber);
const BOOLEAN = type(
  'boolean',
  'truth',
  (value) => (typeof value === 'boolean' || value === 0n || value === 1n ? String(Boolean(value)) : undefined),
  (member) => member === 'true',
);
const TEXT = type('text', 'texts', text, textIn);
const BYTEA = type(
  'bytea',
  'bytes',
  (value) => (value instanceof Uint8Array ? `{"$blob":"${base64Of(value)}"}` : undefined),
  readBytes,
);
const DATE = type('date', 'other', textIf(isDay), textIn);
const TIME = type('time without time zone', 'other', textIf(isTimeOfDay), textIn);
const TIMESTAMP = type('timestamp without time zone', 'other', textIf(isTimestamp), textIn);
const MOMENT = type('timestamp with time zone', 'other', textIf(isMoment), textIn);
const UUID = type(
  'uuid',
  'other',
  textIf((each) => UUID_FORM.test(each)),
  textIn,
);
const JSON_TEXT = type('json', 'other', document, readDocument);

const UUID_FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** More digits before or behind its point no number of the server's has. */
const MOST_DIGITS = 1000;

/** A real number keeps its point: so it is told from a whole one. */
function numeral(value: Value): string | undefined {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? withPoint(value) : undefined;
  return isDecimal(value) && value.decimal.length <= MOST_DIGITS ? bare(value.decimal) : undefined;
}

function withPoint(value: number): string {
  const digits = plainDigits(value);
  return digits.includes('.') ? digits : `${digits}.0`;
}

/** The server turns to exponents sooner than JavaScript does, and gives them two digits. */
function asServerWrites(value: number): string {
  if (!Number.isFinite(value) || value === 0) return textOfReal(value);
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 15) return plainDigits(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** A document that is no more than a number may be one already, where it comes from. */
function document(value: Value): string | undefined {
  if (typeof value === 'bigint') return JSON.stringify(String(value));
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(textOfReal(value)) : undefined;
  return typeof value === 'string' && isDocument(value) ? text(value) : undefined;
}

function readDocument(member: string): Value {
  const found = textIn(member);
  if (/^-?\d+$/.test(found) && found.length <= LONGEST_INTEGER && fitsInteger(BigInt(found))) return BigInt(found);
  return NUMBER.test(found) ? Number(found) : found;
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Deeper documents the server may refuse. */
const DEEPEST = 500;

function isDocument(found: string): boolean {
  try {
    JSON.parse(found);
  } catch {
    return false;
  }
  let depth = 0;
  for (const mark of found) {
    if (mark === '{' || mark === '[') depth++;
    else if (mark === '}' || mark === ']') depth--;
    if (depth > DEEPEST) return false;
  }
  return true;
}

/** What a column becomes that is meant for such values, the best first. */
export const types: Readonly<Record<ColumnKind, readonly ColumnType[]>> = {
  integer: [BIGINT, NUMERIC],
  real: [DOUBLE, NUMERIC],
  decimal: [NUMERIC, DOUBLE],
  truth: [BOOLEAN, BIGINT],
  text: [TEXT],
  bytes: [BYTEA],
  date: [DATE],
  time: [TIME],
  timestamp: [TIMESTAMP],
  moment: [MOMENT],
  json: [JSON_TEXT],
  uuid: [UUID],
  any: [TEXT, BIGINT, DOUBLE, NUMERIC, BYTEA],
};
