import type { FakeKind } from '../privacy/fake-kinds.ts';
import { LARGEST } from './numbers.ts';

/** What a column's declared type lets in; `any` where it does not say, or it is a type of somebody's own. */
type Holds = 'text' | 'number' | 'date' | 'uuid' | 'ip' | 'bytes' | 'truth' | 'other' | 'any';

const TYPES: readonly (readonly [RegExp, Holds])[] = [
  [/\[\d*\]|json|xml|tsvector|tsquery|range|struct|map\(|union|point|polygon|interval|list/, 'other'],
  [/^bool|^bit\b/, 'truth'],
  [/^uuid/, 'uuid'],
  [/^(inet|cidr)/, 'ip'],
  [/date|time/, 'date'],
  [/bytea|blob|binary/, 'bytes'],
  [/char|text|clob|string|^name$/, 'text'],
  [/int|serial|numeric|decimal|real|double|float|number|money/, 'number'],
];

const holds = (type: string): Holds => TYPES.find(([pattern]) => pattern.test(type.toLowerCase()))?.[1] ?? 'any';

const KINDS: Readonly<Record<Exclude<Holds, 'text' | 'any'>, readonly FakeKind[]>> = {
  number: ['number', 'phone', 'date'],
  date: ['date'],
  uuid: ['uuid'],
  ip: ['ip'],
  bytes: ['token'],
  truth: [],
  other: [],
};

/** Whether fakes of a kind can stand in a column. */
export function canHold(type: string, kind: FakeKind): boolean {
  const what = holds(type);
  return what === 'text' || what === 'any' || KINDS[what].includes(kind);
}

/** How many characters a column takes; undefined where it takes any. */
export function longestIn(type: string): number | undefined {
  const [, most] = /\((\d+)\)/.exec(type) ?? [];
  return holds(type) === 'text' && most !== undefined ? Number(most) : undefined;
}

const WHOLE: readonly (readonly [RegExp, bigint])[] = [
  [/^utinyint|^unsigned tinyint/, 255n],
  [/^(tinyint|int1)\b/, 127n],
  [/^usmallint/, 65_535n],
  [/^(smallint|int2|smallserial)\b/, 32_767n],
  [/^uinteger/, 4_294_967_295n],
  [/^(integer|int|int4|serial|mediumint)\b/, 2_147_483_647n],
];

/** The largest whole number of a column; of those that need not say it, what 64 bits hold. */
export const largestIn = (type: string): bigint =>
  WHOLE.find(([pattern]) => pattern.test(type.toLowerCase()))?.[1] ?? LARGEST;

/** Holds the words of other columns. */
export const isOfWords = (type: string): boolean => /^tsvector/i.test(type);
