import type { SchemaObject } from '../../../core/manifest.ts';
import { isComment, tokensIn } from './sql-tokens.ts';

export const isVirtualDefinition = ({ type, sql }: Pick<SchemaObject, 'type' | 'sql'>): boolean =>
  type === 'table' && /^\s*CREATE\s+VIRTUAL\s/i.test(sql);

/** The words of a definition, comments left out; as many as were asked for. */
export function wordsOf(sql: string, count = Number.POSITIVE_INFINITY): string[] {
  const words: string[] = [];
  for (const token of tokensIn(sql)) {
    if (words.length === count) break;
    if (!isComment(token)) words.push(token.text);
  }
  return words;
}

/** The module of a virtual table's definition. */
export function moduleOf(sql: string): string {
  return unquoted(wordsOf(sql, 6)[5] ?? '');
}

export function unquoted(name: string): string {
  const mark = name[0] ?? '';
  if (mark === '[') return name.slice(1, -1);
  return `'"\``.includes(mark) ? name.slice(1, -1).replaceAll(mark + mark, mark) : name;
}
