import type { Default, Now } from '../../../core/common/definitions.ts';
import { readExpression } from '../../../core/common/expression.ts';
import type { Value } from '../../../core/common/value.ts';
import type { ColumnType } from '../../across.ts';
import { literal } from '../names.ts';

const UTC = "now() AT TIME ZONE 'utc'";

/** What gives a row the moment of its insertion, by what it is to give and what the column is. */
const SQL: readonly { readonly now: Now; readonly type: string; readonly sql: string }[] = [
  { now: 'timestamp', type: 'timestamp without time zone', sql: `date_trunc('second', (${UTC}))` },
  { now: 'timestamp', type: 'text', sql: `to_char((${UTC}), 'YYYY-MM-DD HH24:MI:SS')` },
  { now: 'date', type: 'date', sql: `((${UTC}))::date` },
  { now: 'date', type: 'text', sql: `to_char((${UTC}), 'YYYY-MM-DD')` },
  { now: 'time', type: 'time without time zone', sql: `(date_trunc('second', (${UTC})))::time without time zone` },
  { now: 'time', type: 'text', sql: `to_char((${UTC}), 'HH24:MI:SS')` },
  { now: 'seconds', type: 'bigint', sql: '(floor(EXTRACT(epoch FROM now())))::bigint' },
];

export function defaultSql(byDefault: Default, type: ColumnType): string | undefined {
  if ('now' in byDefault) return SQL.find((each) => each.now === byDefault.now && each.type === type.name)?.sql;
  return type.write(byDefault.value) === undefined ? undefined : valueSql(byDefault.value, type);
}

function valueSql(value: Value, { name, held }: ColumnType): string | undefined {
  if (value === null) return 'NULL';
  if (held === 'truth') return value === true || value === 1n ? 'true' : 'false';
  if (typeof value === 'bigint') return name === 'json' ? literal(String(value)) : String(value);
  if (typeof value === 'number') return `${literal(String(value))}::${name}`;
  if (typeof value === 'string') return literal(value);
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'::bytea`;
  return undefined;
}

/** The server writes the same with more parentheses and casts, and versions of it with others. */
const essence = (sql: string) =>
  sql
    .replaceAll(/timezone\('utc'::text, now\(\)\)/g, UTC)
    .replaceAll(/date_part\('epoch'::text, now\(\)\)/g, 'EXTRACT(epoch FROM now())')
    .replaceAll(/::(text|date|time without time zone|bigint)/g, '')
    .replaceAll(/[\s()]/g, '')
    .toLowerCase();

/** What the server says of a default; undefined where common words do not say it. */
export function readDefault(sql: string, type: string): Default | undefined {
  const now = SQL.find((each) => each.type === type && essence(each.sql) === essence(sql))?.now;
  if (now !== undefined) return { now };
  const [, text, cast = ''] = /^'((?:[^']|'')*)'::([a-z][a-z0-9 ]*)(?:\([\d,]+\))?$/.exec(sql) ?? [];
  if (text !== undefined && cast === 'bytea')
    return /^\\x([0-9a-f]{2})*$/.test(text) ? { value: Buffer.from(text.slice(2), 'hex') } : undefined;
  if (text !== undefined && KEPT_AS_TEXT.includes(cast)) return { value: text.replaceAll("''", "'") };
  const found = readExpression(sql, { column: () => undefined, hasCasts: true });
  if (found?.is !== 'value') return undefined;
  const { value } = found;
  const isReal = type === 'double precision' || type === 'real';
  return {
    value: isReal && value !== null && typeof value === 'object' && 'decimal' in value ? Number(value.decimal) : value,
  };
}

const KEPT_AS_TEXT = [
  'text',
  'character varying',
  'json',
  'jsonb',
  'uuid',
  'date',
  'time without time zone',
  'timestamp without time zone',
  'timestamp with time zone',
];
