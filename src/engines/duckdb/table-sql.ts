import { MAIN, type Named, namedBy, qualified, quoted } from './names.ts';
import type { ForeignKey } from './tables.ts';

/**
 * The definition of a table, with its foreign keys as they are: DuckDB forgets the quotes around the name of a table that one points to, and
 * leaves those out that point to the table itself. Whoever made a table of its text would have one that takes any row.
 */
export function wholeSql(sql: string, table: Named, references: readonly ForeignKey[]): string {
  const own = references.filter(({ text }) => text === '');
  const others = references.filter(({ text }) => text !== '');
  return others.reduce((text, key) => withQuotes(text, table, key), filled(sql, own.map(textOf)));
}

const list = (names: readonly string[]) => names.map(quoted).join(', ');
const textOf = ({ table, from, to }: ForeignKey) =>
  `FOREIGN KEY (${list(from)}) REFERENCES ${qualified(namedBy(table))}(${list(to)})`;

function withQuotes(sql: string, { schema }: Named, { table, text }: ForeignKey): string {
  const { name } = namedBy(table);
  const bare = ` REFERENCES ${schema === MAIN ? '' : `${schema}.`}${name}(`;
  const at = text.indexOf(bare);
  const from = sql.lastIndexOf(text);
  if (at < 0 || from < 0) return sql;
  return `${sql.slice(0, from + at)} REFERENCES ${qualified({ schema, name })}(${sql.slice(from + at + bare.length)}`;
}

const TOKENS = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[(),]|[^"'(),]+/g;

/** Puts entries where between two commas of a definition, or behind the last, there is nothing. */
function filled(sql: string, entries: readonly string[]): string {
  const left = [...entries];
  let out = '';
  let depth = 0;
  let isAfterComma = false;
  for (const [token] of sql.matchAll(TOKENS)) {
    if (isAfterComma && depth === 1 && (token === ',' || token === ')')) out += left.shift() ?? '';
    if (token === '(') depth++;
    if (token === ')') depth--;
    isAfterComma = token === ',' ? depth === 1 : isAfterComma && token.trim() === '';
    out += token;
  }
  return out;
}
