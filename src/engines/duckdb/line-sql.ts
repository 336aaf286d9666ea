import { literal, quoted } from './names.ts';
import type { ReadColumn } from './rows-sql.ts';
import { isPlainText } from './types.ts';
import { textOf } from './values.ts';

/**
 * A row as a line of JSON, in SQL: DuckDB makes it with all its threads, and much faster than anybody could of what it hands over. The law of the
 * values is the same as ever: a number stays bare where it is one to JSON, and text is text.
 */
export function lineSql(columns: readonly ReadColumn[]): string {
  const terms: string[] = [];
  let fixed = '{';
  for (const [at, column] of columns.entries()) {
    fixed += `${at === 0 ? '' : ','}${JSON.stringify(column.name)}:`;
    if (column.instead === undefined) {
      terms.push(literal(fixed), valueSql(column));
      fixed = '';
    } else fixed += insteadOf(column, column.instead);
  }
  return `concat(${[...terms, literal(`${fixed}}`)].join(', ')})`;
}

/** What JSON says of a value; `null` for NULL. */
function valueSql({ name, type, kind }: ReadColumn): string {
  const column = quoted(name);
  const text = textOf(column, type, kind);
  const inQuotes = `'"' || ${text} || '"'`;
  if (kind === 'number' && /^(FLOAT|DOUBLE)$/.test(type)) {
    const finite = `isfinite(${column})`;
    return `CASE WHEN ${finite} THEN ${text} ELSE coalesce(${inQuotes}, 'null') END`;
  }
  if (kind === 'bytes') return `coalesce('{"$blob":"' || ${text} || '"}', 'null')`;
  if (kind !== 'text') return `coalesce(${text}, 'null')`;
  return `coalesce(${isPlainText(type) ? inQuotes : `CAST(to_json(${text}) AS VARCHAR)`}, 'null')`;
}

/** A text that stands where a value was: as that value would. */
function insteadOf({ kind }: ReadColumn, text: string): string {
  if (kind === 'json') return text;
  if (kind === 'boolean') return text.startsWith('t') ? 'true' : 'false';
  if (kind === 'bytes') return `{"$blob":"${text}"}`;
  return kind === 'number' && /^-?\d/.test(text) ? text : JSON.stringify(text);
}
