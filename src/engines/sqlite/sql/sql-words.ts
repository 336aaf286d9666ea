import { isComment, type Token, tokensIn } from './sql-tokens.ts';

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

/** Every name that it mentions, in small letters: to ask for many of them, it is gone over once. */
export function namesIn(sql: string): ReadonlySet<string> {
  return new Set(wordsIn(sql).map(({ text }) => text.toLowerCase()));
}

/** Those that it mentions otherwise than as a table that rows are put into. */
export function namesReadIn(sql: string): ReadonlySet<string> {
  const words = wordsIn(sql);
  return new Set(
    words.filter((_, at) => words[at - 1]?.text.toUpperCase() !== 'INTO').map(({ text }) => text.toLowerCase()),
  );
}

/** What stands between quotes: strings, and names that may be strings. */
export function quotedIn(sql: string): string[] {
  return wordsIn(sql).flatMap(({ text, quoted }) => (quoted ? [text] : []));
}

/** What stands in parentheses right after a word, each time: `CHECK (…)`, `AS (…)`. What stands inside of another such is part of that. */
export function inParenthesesAfter(sql: string, word: string): string[] {
  const found: string[] = [];
  let before: Word | undefined;
  let depth = 0;
  /** Where what is looked for began, and how deep that was. */
  let begun: { readonly at: number; readonly depth: number } | undefined;
  for (const each of wordsIn(sql)) {
    if (!each.quoted && each.text === '(') {
      const isAfter = before !== undefined && !before.quoted && before.text.toUpperCase() === word;
      if (isAfter && begun === undefined) begun = { at: each.to, depth };
      depth++;
    } else if (!each.quoted && each.text === ')') {
      depth--;
      if (begun?.depth === depth) {
        found.push(sql.slice(begun.at, each.from));
        begun = undefined;
      }
    }
    before = each;
  }
  return found;
}

/** What the arguments of a virtual table set, in order: `fts5(body, content = 'posts')`. */
export function settingsIn(sql: string): [name: string, value: string][] {
  const words = wordsIn(sql);
  const isMark = (word: Word | undefined, ...marks: readonly string[]) =>
    word !== undefined && !word.quoted && marks.includes(word.text);
  const found: [string, string][] = [];
  let end: number | undefined;
  // From the back, so that where an argument ends is known before its value.
  for (let at = words.length - 1; at > 0; at--) {
    const [before, name, equals, value] = [words[at - 1], words[at], words[at + 1], words[at + 2]];
    if (isMark(value, ',', ')')) end = value?.from;
    if (name === undefined || value === undefined || !isMark(before, '(', ',') || !isMark(equals, '=')) continue;
    found.push([name.text, value.quoted ? value.text : sql.slice(value.from, end).trim()]);
  }
  return found.reverse();
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
