import { literal, quoted } from './names.ts';
import { type Kind, parseType, type Type } from './types.ts';

/**
 * The text of a value, in SQL, such that `valueIn` gives the same value back. What consists of several values becomes JSON whose values are
 * texts: in its own text of such a value DuckDB forgets quotes.
 */
export function textOf(column: string, type: string, kind: Kind): string {
  if (kind === 'bytes') return `base64(${column})`;
  const parsed = parseType(type);
  if (kind !== 'json' || parsed === undefined) return `CAST(${column} AS VARCHAR)`;
  return `CAST(${jsonOf(column, parsed)} AS VARCHAR)`;
}

/** The value of a text, in SQL. */
export function valueIn(text: string, type: string, kind: Kind): string {
  if (kind === 'bytes') return `from_base64(${text})`;
  const parsed = parseType(type);
  return kind !== 'json' || parsed === undefined ? `CAST(${text} AS ${type})` : valueOfJson(text, parsed, type);
}

function jsonOf(column: string, type: Type): string {
  if (type.name !== 'UNION') return `to_json(CAST(${column} AS ${inTexts(type)}))`;
  const cases = type.parts.map((part) => {
    const member = jsonOf(`union_extract(${column}, ${literal(part.name)})`, part.type);
    return `WHEN ${literal(part.name)} THEN json_object(${literal(part.name)}, ${member})`;
  });
  return `CASE CAST(union_tag(${column}) AS VARCHAR) ${cases.join(' ')} END`;
}

function valueOfJson(json: string, type: Type, text: string): string {
  if (type.name !== 'UNION')
    return type.parts.length === 0
      ? `CAST((${json} ->> '$') AS ${text})`
      : `CAST(CAST(${json} AS ${inTexts(type)}) AS ${text})`;
  const cases = type.parts.map((part) => {
    const member = valueOfJson(`(${json} -> '$.*')[1]`, part.type, part.text);
    return `WHEN ${literal(part.name)} THEN CAST(union_value(${quoted(part.name)} := ${member}) AS ${text})`;
  });
  return `CASE json_keys(${json})[1] ${cases.join(' ')} END`;
}

/** The same type with a text in the place of each single value. */
function inTexts({ name, parts }: Type): string {
  const types = parts.map((part) => inTexts(part.type));
  if (name === 'LIST') return `${types[0]}[]`;
  if (name === 'MAP') return `MAP(${types.join(', ')})`;
  if (name === 'STRUCT') return `STRUCT(${parts.map((part, at) => `${quoted(part.name)} ${types[at]}`).join(', ')})`;
  return 'VARCHAR';
}
