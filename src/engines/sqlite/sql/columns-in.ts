import { unquoted, wordsOf } from './virtual-tables.ts';

/** Words that begin a rule of the whole table and not a column, as long as nobody quotes them. */
const RULE = /^(CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN)$/i;

/** The names of the columns that a table's definition lists, in their order. */
export function columnsIn(sql: string): string[] {
  const columns: string[] = [];
  let depth = 0;
  let isFirst = false;
  for (const word of wordsOf(sql)) {
    if (isFirst && !RULE.test(word)) columns.push(unquoted(word));
    isFirst = false;
    if (word === '(') isFirst = ++depth === 1;
    else if (word === ')') depth--;
    else if (word === ',') isFirst = depth === 1;
    // What follows the list is about the table.
    if (word === ')' && depth === 0) break;
  }
  return columns;
}
