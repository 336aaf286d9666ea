import type { ColumnKind } from '../../../core/common/definitions.ts';
import type { Value } from '../../../core/common/value.ts';
import { readBytes, readDecimal, readNumber, readReal, textIn } from './types.ts';

const KINDS: Readonly<Record<string, ColumnKind>> = {
  smallint: 'integer',
  integer: 'integer',
  bigint: 'integer',
  real: 'real',
  'double precision': 'real',
  numeric: 'decimal',
  boolean: 'truth',
  text: 'text',
  'character varying': 'text',
  bytea: 'bytes',
  date: 'date',
  'time without time zone': 'time',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'moment',
  json: 'json',
  jsonb: 'json',
  uuid: 'uuid',
};

/** A type without what stands in its parentheses: `numeric(10,2)` is `numeric`. */
export const plainType = (declared: string): string => declared.replace(/\([^)]*\)/, '').trim();

/** What a type is meant for. All that is not here has a text, which is kept as the server writes it. */
export const columnKind = (type: string): ColumnKind => KINDS[type] ?? 'text';

/** Types whose texts are compared letter by letter, as they are written. */
export const isPlain = (type: string): boolean => KINDS[type] !== undefined;

/** What a member of a row's line says, by the type of its column. Where digits are counted, a zero behind the point is one of them. */
export function readerFor(declared: string): (member: string) => Value {
  const read = declared === 'numeric' ? readNumber : (READERS[columnKind(plainType(declared))] ?? textIn);
  return (member) => (member === 'null' ? null : read(member));
}

const READERS: Partial<Readonly<Record<ColumnKind, (member: string) => Value>>> = {
  integer: (member) => BigInt(member),
  real: readReal,
  decimal: readDecimal,
  truth: (member) => member === 'true',
  bytes: readBytes,
};
