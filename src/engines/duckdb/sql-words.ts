import { namesIn as namesAsWritten, wordsIn } from '../sql-words.ts';
import { fold } from './names.ts';

/** Every name that it mentions, as names compare. */
export const namesIn = (sql: string): ReadonlySet<string> => new Set([...namesAsWritten(sql)].map(fold));

interface DefinedColumn {
  readonly name: string;
  readonly isGenerated: boolean;
}

/** Words that begin a condition, where a column would be named: DuckDB puts a column of such a name between quotes. */
const CONDITIONS = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK'];

/** The columns that a CREATE TABLE names, each at the beginning of an entry between its parentheses. */
export function columnsIn(sql: string): DefinedColumn[] {
  const columns: { name: string; isGenerated: boolean }[] = [];
  let depth = 0;
  let isFirst = false;
  let now: { name: string; isGenerated: boolean } | undefined;
  for (const { text, kind } of wordsIn(sql)) {
    if (kind === 'mark' && text === '(' && depth++ === 0) isFirst = true;
    else if (kind === 'mark' && text === ')') depth--;
    else if (kind === 'mark' && text === ',' && depth === 1) isFirst = true;
    else if (isFirst) {
      isFirst = false;
      now = kind === 'name' || !CONDITIONS.includes(text) ? { name: text, isGenerated: false } : undefined;
      if (now !== undefined) columns.push(now);
    } else if (kind === 'word' && depth === 1 && text === 'GENERATED' && now !== undefined) now.isGenerated = true;
    if (depth === 0 && columns.length > 0) break;
  }
  return columns;
}
