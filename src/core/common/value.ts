import { printable } from '../visible.ts';

/** A value of a row, in words that all kinds of databases have. */
export type Value = null | boolean | bigint | number | string | Uint8Array | Decimal | Torn;

/** A number by its digits: more than a machine's own numbers hold. */
export interface Decimal {
  readonly decimal: string;
}

/** Bytes that are stored as a text and are none. */
export interface Torn {
  readonly torn: Uint8Array;
}

/**
 * What a value is, told apart from every other. Numbers are the same where they are the same number, whatever keeps them: 1, 1.0 and true;
 * a zero with a sign is another than one without. Everything else is the same letter by letter, or byte by byte.
 */
export function sameness(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `text ${value}`;
  if (typeof value === 'boolean') return sameness(value ? 1n : 0n);
  if (typeof value === 'bigint') return `number ${plainNumber(String(value))}`;
  if (typeof value === 'number') return `number ${plainNumber(textOfReal(value))}`;
  if (value instanceof Uint8Array) return `bytes ${base64Of(value)}`;
  return 'torn' in value ? `torn ${base64Of(value.torn)}` : `number ${plainNumber(value.decimal)}`;
}

export const isSame = (a: Value, b: Value): boolean => sameness(a) === sameness(b);

export const textOfReal = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** Without an exponent. */
export function plainDigits(value: number): string {
  const [, sign = '', whole = '', part = '', exponent = '0'] = NUMBER.exec(textOfReal(value)) ?? [];
  const power = Number(exponent);
  const digits = `${whole}${part}`;
  const point = whole.length + power;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** One text for each number: its digits without zeros around them, and where the point stands. What is none, `NaN`, is itself. */
function plainNumber(text: string): string {
  const found = NUMBER.exec(text);
  if (found === null) return text;
  const [, sign = '', whole = '', part = '', exponent = '0'] = found;
  const digits = `${whole}${part}`.replace(/^0+/, '');
  if (digits === '') return sign === '-' ? '-0' : '0';
  const short = digits.replace(/0+$/, '');
  const power = Number(exponent) - part.length + (digits.length - short.length);
  return `${sign === '-' ? '-' : ''}${short}e${power}`;
}

export const base64Of = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

const LONGEST_SHOWN = 40;

/** A value for people: what it is, and how it begins. */
export function valueInWords(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return `the truth value ${value}`;
  if (typeof value === 'bigint') return `the integer ${value}`;
  if (typeof value === 'number') return `the real number ${textOfReal(value)}`;
  if (typeof value === 'string') return `the text ${shown(value)}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return 'torn' in value ? `${value.torn.length} bytes that are no text` : `the number ${value.decimal}`;
}

function shown(text: string): string {
  const begins = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return `'${printable(begins).replaceAll('\n', '\\n').replaceAll('\0', '\\0')}'`;
}

/** The same where nobody is to see it. */
export function kindOfValue(value: Value): string {
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (typeof value === 'bigint') return 'an integer';
  if (typeof value === 'number') return 'a real number';
  return valueInWords(value);
}

const SMALLEST_INTEGER = -(2n ** 63n);
const LARGEST_INTEGER = 2n ** 63n - 1n;

/** Whether 64 bits hold it. */
export const fitsInteger = (value: bigint): boolean => value >= SMALLEST_INTEGER && value <= LARGEST_INTEGER;
