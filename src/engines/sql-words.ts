/** Looking into SQL as PostgreSQL and DuckDB read it, whose words are the same, no further than its words: enough to know what a definition mentions. */
export interface Word {
  /** Without its quotes. */
  readonly text: string;
  readonly kind: 'word' | 'name' | 'string' | 'mark' | 'comment';
  /** Whether it ends, where it has quotes. */
  readonly isWhole: boolean;
}

const TOKENS = new RegExp(
  [
    String.raw`(?<comment>--[^\n]*|/\*[\s\S]*?(?:\*/|$))`,
    // Quotes that are never closed go on to the end.
    String.raw`(?<escaped>[eE]'(?:[^'\\]|''|\\[\s\S])*(?<closed>'?))`,
    "(?<string>'(?:[^']|'')*(?:'|$))",
    '(?<name>"(?:[^"]|"")*(?:"|$))',
    String.raw`(?<dollars>\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[\s\S]*?(?:\$\k<tag>\$|$))`,
    String.raw`(?<word>[\w$\u0080-\uffff]+)`,
    String.raw`(?<mark>\S)`,
  ].join('|'),
  'gu',
);

export function* wordsIn(sql: string): Generator<Word> {
  for (const { 0: text, groups = {} } of sql.matchAll(TOKENS)) {
    if (groups.comment !== undefined) yield { text, kind: 'comment', isWhole: true };
    else if (groups.word !== undefined) yield { text, kind: 'word', isWhole: true };
    else if (groups.name !== undefined) yield { text: between(text, '"'), kind: 'name', isWhole: isClosed(text, '"') };
    else if (groups.string !== undefined)
      yield { text: between(text, "'"), kind: 'string', isWhole: isClosed(text, "'") };
    else if (groups.escaped !== undefined)
      yield { text: between(text.slice(1), "'"), kind: 'string', isWhole: groups.closed === "'" };
    else if (groups.dollars !== undefined) {
      const mark = `$${groups.tag ?? ''}$`;
      const isWhole = text.length >= 2 * mark.length && text.endsWith(mark);
      yield { text: text.slice(mark.length, isWhole ? -mark.length : undefined), kind: 'string', isWhole };
    } else yield { text, kind: 'mark', isWhole: true };
  }
}

const between = (text: string, quote: string) => text.slice(1, -1).replaceAll(quote + quote, quote);
const isClosed = (text: string, quote: string) => text.split(quote).length % 2 === 1;

/** Every name that it mentions. The words of a text count too, which a function may be: better once too often. */
export function namesIn(sql: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { text, kind } of wordsIn(sql)) {
    names.add(text);
    if (kind === 'string') for (const name of namesIn(text)) names.add(name);
  }
  return names;
}

/** What stands between quotes: strings, and names. */
export function quotedIn(sql: string): string[] {
  return [...wordsIn(sql)].flatMap(({ text, kind }) => (kind === 'string' || kind === 'name' ? [text] : []));
}

/** Whether it may be put between parentheses and stays there: a condition, not the end of one and another statement. */
export function isOneExpression(sql: string): boolean {
  let depth = 0;
  for (const { text, kind, isWhole } of wordsIn(sql)) {
    if (kind === 'comment' || !isWhole || (kind === 'mark' && text === ';')) return false;
    if (kind === 'mark' && text === '(') depth++;
    if (kind === 'mark' && text === ')' && --depth < 0) return false;
  }
  return depth === 0;
}
