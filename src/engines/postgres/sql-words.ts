import { wordsIn } from '../sql-words.ts';

/** The columns that a CREATE TABLE names: each begins an entry between its parentheses, and conditions begin with another word. */
export const columnsIn = (sql: string): string[] => columnEntries(sql).map(([name]) => name);

/** Those of them that are whole numbers of 64 bits or less. */
export const wholeNumbersIn = (sql: string): string[] =>
  columnEntries(sql).flatMap(([name, type, then]) =>
    ['smallint', 'integer', 'bigint'].includes(type) && then !== '[' ? [name] : [],
  );

/** Each column with the two words behind its name. */
function columnEntries(sql: string): [name: string, type: string, then: string][] {
  const columns: [string, string, string][] = [];
  const words = [...wordsIn(sql)];
  let depth = 0;
  let isFirst = false;
  for (const [at, { text, kind }] of words.entries()) {
    if (kind === 'mark' && text === '(' && depth++ === 0) isFirst = true;
    else if (kind === 'mark' && text === ')') depth--;
    else if (kind === 'mark' && text === ',' && depth === 1) isFirst = true;
    else if (isFirst) {
      isFirst = false;
      const [type, then] = [words[at + 1], words[at + 2]];
      if (kind === 'name' || (kind === 'word' && text !== 'CONSTRAINT'))
        columns.push([text, type?.kind === 'word' ? type.text : '', then?.text ?? '']);
    }
    if (depth === 0 && columns.length > 0) break;
  }
  return columns;
}

/** The columns of a key that a definition adds; undefined where it adds none. */
export function primaryKeyIn(sql: string): string[] | undefined {
  const words = [...wordsIn(sql)];
  const at = words.findIndex(
    ({ text, kind }, i) => kind === 'word' && text === 'KEY' && words[i - 1]?.text === 'PRIMARY',
  );
  if (at < 0 || words[at + 1]?.text !== '(') return undefined;
  const end = words.findIndex(({ text, kind }, i) => i > at && kind === 'mark' && text === ')');
  return words.slice(at + 2, end).flatMap(({ text, kind }) => (kind === 'mark' ? [] : [text]));
}
