import { literal, quoted } from './names.ts';
import type { Kind } from './types.ts';
import { parseType } from './types.ts';

/** The text of a value, in SQL, such that `valueIn` gives the same value back. */
export function textOf(column: string, type: string, kind: Kind): string {
  if (kind === 'bytes') return `base64(${column})`;
  if (kind !== 'union') return `CAST(${column} AS VARCHAR)`;
  const cases = membersOf(type).map(
    ({ name }) =>
      `WHEN ${literal(name)} THEN CAST(json_object(${literal(name)}, CAST(union_extract(${column}, ${literal(name)}) AS VARCHAR)) AS VARCHAR)`,
  );
  return `CASE CAST(union_tag(${column}) AS VARCHAR) ${cases.join(' ')} END`;
}

/** The value of a text, in SQL. */
export function valueIn(text: string, type: string, kind: Kind): string {
  if (kind === 'bytes') return `from_base64(${text})`;
  if (kind !== 'union') return `CAST(${text} AS ${type})`;
  const cases = membersOf(type).map(
    ({ name, text: member }) =>
      `WHEN ${literal(name)} THEN CAST(union_value(${quoted(name)} := CAST((${text} ->> '$.*')[1] AS ${member})) AS ${type})`,
  );
  return `CASE json_keys(${text})[1] ${cases.join(' ')} END`;
}

const membersOf = (type: string) => parseType(type)?.parts ?? [];
