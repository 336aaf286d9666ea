import { wordsIn } from '../sql-words.ts';

/** The columns that a CREATE TABLE names: each begins an entry between its parentheses, and conditions begin with another word. */
export function columnsIn(sql: string): string[] {
  const columns: string[] = [];
  let depth = 0;
  let isFirst = false;
  for (const { text, kind } of wordsIn(sql)) {
    if (kind === 'mark' && text === '(' && depth++ === 0) isFirst = true;
    else if (kind === 'mark' && text === ')') depth--;
    else if (kind === 'mark' && text === ',' && depth === 1) isFirst = true;
    else if (isFirst) {
      isFirst = false;
      if (kind === 'name' || (kind === 'word' && text !== 'CONSTRAINT')) columns.push(text);
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
