import type { Default, Now } from '../../../core/common/definitions.ts';
import { readExpression } from '../../../core/common/expression.ts';
import type { Value } from '../../../core/common/value.ts';

const NOW: Readonly<Record<string, Now>> = {
  current_timestamp: 'timestamp',
  current_date: 'date',
  current_time: 'time',
  "datetime('now')": 'timestamp',
  'datetime()': 'timestamp',
  "date('now')": 'date',
  'date()': 'date',
  "time('now')": 'time',
  'time()': 'time',
  'unixepoch()': 'seconds',
  "unixepoch('now')": 'seconds',
  "cast(strftime('%s','now')asinteger)": 'seconds',
};

/** What SQLite keeps of a default, without the parentheses around it; undefined where these words do not say it. */
export function readDefault(sql: string): Default | undefined {
  const now = NOW[withoutParentheses(sql).replace(/\s+/g, '').toLowerCase()];
  if (now !== undefined) return { now };
  const blob = /^[xX]'((?:[0-9a-fA-F]{2})*)'$/.exec(sql.trim())?.[1];
  if (blob !== undefined) return { value: Buffer.from(blob, 'hex') };
  const found = readExpression(sql.replace(/^\s*\+/, ''), { column: () => undefined, hasCasts: false });
  return found?.is === 'value' ? { value: asStored(found.value) } : undefined;
}

/** A number with a point is a real one; TRUE is 1. */
function asStored(value: Value): Value {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return value !== null && typeof value === 'object' && 'decimal' in value ? Number(value.decimal) : value;
}

function withoutParentheses(sql: string): string {
  const text = sql.trim();
  return text.startsWith('(') && text.endsWith(')') ? withoutParentheses(text.slice(1, -1)) : text;
}

const SQL: Readonly<Record<Now, string>> = {
  timestamp: 'CURRENT_TIMESTAMP',
  date: 'CURRENT_DATE',
  time: 'CURRENT_TIME',
  seconds: '(unixepoch())',
};

export const defaultNow = (now: Now): string => SQL[now];
