/** A piece of SQL: a string, a quoted name, a comment, a word, or another character by itself. */
export interface Token {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const SPACE = /\s*/y;
const WORD = /[\w$\u0080-\uffff]+/y;

/**
 * SQL in its pieces; what lies between them is white space. SQL comes out of a backup, which is somebody's text: every letter is gone
 * over once, and what is never closed goes on to the end.
 */
export function* tokensIn(sql: string): Generator<Token> {
  for (let at = endOf(SPACE, sql, 0); at < sql.length; ) {
    const to = endOfToken(sql, at);
    yield { text: sql.slice(at, to), from: at, to };
    at = endOf(SPACE, sql, to);
  }
}

export const isComment = ({ text }: Token): boolean => text.startsWith('--') || text.startsWith('/*');

function endOf(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : at;
}

function endOfToken(sql: string, at: number): number {
  const mark = sql.charAt(at);
  if (mark === "'" || mark === '"' || mark === '`') return afterQuote(sql, at, mark);
  if (mark === '[') return after(sql, at + 1, ']');
  if (sql.startsWith('--', at)) return after(sql, at, '\n');
  if (sql.startsWith('/*', at)) return after(sql, at + 2, '*/');
  return Math.max(at + 1, endOf(WORD, sql, at));
}

function after(sql: string, at: number, mark: string): number {
  const found = sql.indexOf(mark, at);
  return found === -1 ? sql.length : found + mark.length;
}

/** Two quotes stand for one. */
function afterQuote(sql: string, at: number, quote: string): number {
  for (let end = at + 1; ; end += 2) {
    end = sql.indexOf(quote, end);
    if (end === -1) return sql.length;
    if (sql.charAt(end + 1) !== quote) return end + 1;
  }
}
