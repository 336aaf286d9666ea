import type { ColumnKind } from '../../../core/common/definitions.ts';

const EXACT: Readonly<Record<string, ColumnKind>> = {
  BOOL: 'truth',
  BOOLEAN: 'truth',
  DATE: 'date',
  TIME: 'time',
  DATETIME: 'timestamp',
  TIMESTAMP: 'timestamp',
  'TIMESTAMP WITHOUT TIME ZONE': 'timestamp',
  TIMESTAMPTZ: 'moment',
  'TIMESTAMP WITH TIME ZONE': 'moment',
  JSON: 'json',
  JSONB: 'json',
  UUID: 'uuid',
};

/** In the order in which SQLite looks for them, to decide what it makes of values. */
const CONTAINED: readonly (readonly [RegExp, ColumnKind])[] = [
  [/INT/, 'integer'],
  [/CHAR|CLOB|TEXT/, 'text'],
  [/BLOB/, 'bytes'],
  [/REAL|FLOA|DOUB/, 'real'],
  [/NUM|DEC|MONEY/, 'decimal'],
];

/** What a declared type is meant for. SQLite holds nobody to it, so values decide whether it becomes that. */
export function columnKind(declared: string): ColumnKind {
  const type = declared
    .replace(/\([^)]*\)/g, ' ')
    .trim()
    .replace(/\s+/g, ' ')
    .toUpperCase();
  return EXACT[type] ?? CONTAINED.find(([pattern]) => pattern.test(type))?.[1] ?? 'any';
}
