import { isComment, type Token, tokensIn } from '../sql-tokens.ts';

/** Looking into SQL no further than its words: enough to know what a definition mentions. */

interface Word {
  readonly text: string;
  readonly quoted: boolean;
  readonly from: number;
  readonly to: number;
}

function wordsIn(sql: string): Word[] {
  const words: Word[] = [];
  for (const token of tokensIn(sql)) {
    if (isComment(token)) continue;
    const { text, from, to } = token;
    const quoted = /^['"`[]/.test(text);
    words.push({ text: quoted ? between(text) : text, quoted, from, to });
  }
  return words;
}

/** What stands between the quotes, two of which stand for one; brackets only end. */
function between(text: string): string {
  const quote = text.charAt(0);
  return quote === '[' ? text.slice(1, -1) : text.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Whether a name stands anywhere in it, whatever its quotes. A string that reads like it counts too: better once too often. */
export function mentions(sql: string, name: string): boolean {
  const wanted = name.toLowerCase();
  return wordsIn(sql).some(({ text }) => text.toLowerCase() === wanted);
}

/** Whether it mentions a table otherwise than as one that rows are put into. */
export function reads(sql: string, table: string): boolean {
  const words = wordsIn(sql);
  const wanted = table.toLowerCase();
  return words.some(({ text }, at) => text.toLowerCase() === wanted && words[at - 1]?.text.toUpperCase() !== 'INTO');
}

/** What stands between quotes: strings, and names that may be strings. */
export function quotedIn(sql: string): string[] {
  return wordsIn(sql).flatMap(({ text, quoted }) => (quoted ? [text] : []));
}

/** What stands in parentheses right after a word, each time: `CHECK (…)`, `AS (…)`. */
export function inParenthesesAfter(sql: string, word: string): string[] {
  const words = wordsIn(sql);
  const found: string[] = [];
  words.forEach(({ text, quoted }, at) => {
    const open = words[at + 1];
    if (quoted || text.toUpperCase() !== word || open === undefined || open.quoted || open.text !== '(') return;
    let depth = 0;
    for (const each of words.slice(at + 1)) {
      if (each.quoted) continue;
      if (each.text === '(') depth++;
      else if (each.text === ')' && --depth === 0) {
        found.push(sql.slice(open.to, each.from));
        return;
      }
    }
  });
  return found;
}

/** What the arguments of a virtual table set, in order: `fts5(body, content = 'posts')`. */
export function settingsIn(sql: string): [name: string, value: string][] {
  const words = wordsIn(sql);
  const isMark = (word: Word | undefined, ...marks: readonly string[]) =>
    word !== undefined && !word.quoted && marks.includes(word.text);
  return words.flatMap((name, at): [string, string][] => {
    const [before, equals, value] = [words[at - 1], words[at + 1], words[at + 2]];
    if (value === undefined || !isMark(before, '(', ',') || !isMark(equals, '=')) return [];
    const end = words.slice(at + 2).find((word) => isMark(word, ',', ')'))?.from;
    return [[name.text, value.quoted ? value.text : sql.slice(value.from, end).trim()]];
  });
}

/** A quotation without an end; two quotes in it stand for one. */
function isOpen({ text }: Token): boolean {
  const mark = text.charAt(0);
  if (mark === '[') return !text.endsWith(']');
  return `'"\``.includes(mark) && text.split(mark).length % 2 === 0;
}

/** Whether it may be put between parentheses and stays there: a condition, not the end of one and another statement. */
export function isOneExpression(sql: string): boolean {
  if ([...tokensIn(sql)].some((token) => isComment(token) || token.text === ';' || isOpen(token))) return false;
  let depth = 0;
  for (const { text, quoted } of wordsIn(sql)) {
    if (quoted) continue;
    if (text === '(') depth++;
    else if (text === ')' && --depth < 0) return false;
  }
  return depth === 0;
}
