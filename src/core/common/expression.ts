import type { Value } from './value.ts';

/**
 * What SQLite and PostgreSQL say in the same words and mean alike: columns held against values. Anything else is none of these, and nobody
 * guesses at it.
 */
export type Expression =
  | { readonly is: 'column'; readonly name: string }
  | { readonly is: 'value'; readonly value: Value }
  | { readonly is: 'length'; readonly of: Expression }
  | { readonly is: 'compared'; readonly by: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly is: 'among'; readonly what: Expression; readonly values: readonly Expression[] }
  | { readonly is: 'null'; readonly what: Expression }
  | { readonly is: 'not'; readonly what: Expression }
  | { readonly is: 'all' | 'any'; readonly of: readonly Expression[] };

const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** What parentheses, casts and functions a kind of database writes around the same. */
export interface Dialect {
  /** The column that a name means; undefined for none, or one whose texts are compared in a way of their own. */
  column(name: string): string | undefined;
  /** Whether `'a'::text` says nothing more than `'a'`. */
  readonly hasCasts: boolean;
}

interface Token {
  readonly text: string;
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'mark' | 'end';
}

const QUOTED = '"(?:[^"]|"")*"';
/** SQLite takes names between these, too; elsewhere they are something else. */
const QUOTED_BESIDES = '`(?:[^`]|``)*`|\\[[^\\]]*\\]';

const tokensWith = (name: string) =>
  new RegExp(
    [
      String.raw`\s*(?:(?<string>'(?:[^']|'')*')`,
      `(?<name>${name})`,
      String.raw`(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)`,
      String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
      String.raw`(?<mark>::|<>|!=|<=|>=|==|[(),=<>[\]-]))`,
    ].join('|'),
    'uy',
  );

const TOKENS = tokensWith(`${QUOTED}|${QUOTED_BESIDES}`);
const TOKENS_WITH_CASTS = tokensWith(QUOTED);

/** Undefined for whatever else stands in it. */
function tokensOf(sql: string, pattern: RegExp): Token[] | undefined {
  const tokens: Token[] = [];
  const text = sql.trimEnd();
  pattern.lastIndex = 0;
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) return undefined;
    const { string, name, number, word, mark } = groups;
    if (string !== undefined) tokens.push({ kind: 'string', text: string.slice(1, -1).replaceAll("''", "'") });
    else if (name !== undefined) tokens.push({ kind: 'name', text: unquoted(name) });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else tokens.push(word === undefined ? { kind: 'mark', text: mark ?? '' } : { kind: 'word', text: word });
  }
  return tokens;
}

function unquoted(name: string): string {
  const mark = name.charAt(0);
  return mark === '[' ? name.slice(1, -1) : name.slice(1, -1).replaceAll(mark + mark, mark);
}

const END: Token = { kind: 'end', text: '' };

/** Thrown inside alone: what is none of our words ends the reading. */
class NotCommon extends Error {}

/** What an expression says, where these words say all of it. */
export function readExpression(sql: string, dialect: Dialect): Expression | undefined {
  const tokens = tokensOf(sql, dialect.hasCasts ? TOKENS_WITH_CASTS : TOKENS);
  if (tokens === undefined) return undefined;
  try {
    return expressionIn(tokens, dialect);
  } catch (error) {
    if (error instanceof NotCommon || error instanceof RangeError) return undefined;
    throw error;
  }
}

function expressionIn(tokens: readonly Token[], { column, hasCasts }: Dialect): Expression {
  let at = 0;
  const next = () => tokens[at] ?? END;
  const isWord = (text: string, token = next()) => token.kind === 'word' && token.text.toUpperCase() === text;
  const isMark = (text: string, token = next()) => token.kind === 'mark' && token.text === text;
  const takes = (found: boolean) => {
    if (found) at++;
    return found;
  };
  const word = (text: string) => takes(isWord(text));
  const mark = (text: string) => takes(isMark(text));
  const must = (found: boolean): void => {
    if (!found) throw new NotCommon();
  };

  const any = (): Expression => several('any', 'OR', () => several('all', 'AND', negation));
  function several(is: 'all' | 'any', between: string, one: () => Expression): Expression {
    const of = [one()];
    while (word(between)) of.push(one());
    const [first] = of;
    return of.length === 1 && first !== undefined ? first : { is, of };
  }
  const negation = (): Expression => (word('NOT') ? { is: 'not', what: negation() } : condition());

  function condition(): Expression {
    const left = operand();
    const by = COMPARISONS.find(
      (each) => isMark(each) || (each === '=' && isMark('==')) || (each === '<>' && isMark('!=')),
    );
    if (by !== undefined) {
      at++;
      if (by === '=' && word('ANY')) return { is: 'among', what: left, values: array() };
      if (by === '<>' && word('ALL')) return { is: 'not', what: { is: 'among', what: left, values: array() } };
      const right = operand();
      return { is: 'compared', by, left, right };
    }
    if (word('IS')) {
      const isNot = word('NOT');
      must(word('NULL'));
      return isNot ? { is: 'not', what: { is: 'null', what: left } } : { is: 'null', what: left };
    }
    if (word('NOTNULL')) return { is: 'not', what: { is: 'null', what: left } };
    if (word('ISNULL')) return { is: 'null', what: left };
    const isNot = word('NOT');
    if (word('IN')) return negatedIf(isNot, { is: 'among', what: left, values: list('(', ')') });
    if (word('BETWEEN')) {
      const low = operand();
      must(word('AND'));
      const high = operand();
      const of: Expression[] = [
        { is: 'compared', by: '>=', left, right: low },
        { is: 'compared', by: '<=', left, right: high },
      ];
      return negatedIf(isNot, { is: 'all', of });
    }
    must(!isNot);
    return left;
  }

  function list(open: string, close: string): Expression[] {
    must(mark(open));
    const values = [operand()];
    while (mark(',')) values.push(operand());
    must(mark(close));
    return values;
  }

  /** `(ARRAY['a'::text, 'b'::text])`, with another cast of all of it. */
  function array(): Expression[] {
    must(mark('('));
    const isInner = mark('(');
    must(word('ARRAY'));
    const values = list('[', ']');
    if (isInner) must(mark(')'));
    cast();
    must(mark(')'));
    return values;
  }

  function operand(): Expression {
    const found = plain();
    const type = cast();
    return type === undefined ? found : asCast(found, type);
  }

  function plain(): Expression {
    const token = next();
    at++;
    if (isMark('(', token)) {
      const inside = any();
      must(mark(')'));
      return inside;
    }
    if (isMark('-', token)) {
      const { kind, text } = next();
      at++;
      must(kind === 'number');
      return { is: 'value', value: numberOf(`-${text}`) };
    }
    if (token.kind === 'number') return { is: 'value', value: numberOf(token.text) };
    if (token.kind === 'string') return { is: 'value', value: token.text };
    if (token.kind === 'word' && !isMark('(')) {
      const said = WORDS.get(token.text.toUpperCase());
      if (said !== undefined) return { is: 'value', value: said.value };
    }
    if (token.kind === 'word' && /^length$/i.test(token.text) && mark('(')) {
      const of = operand();
      must(mark(')') && of.is === 'column');
      return { is: 'length', of };
    }
    must(token.kind === 'name' || token.kind === 'word');
    const name = column(token.text);
    if (name === undefined) throw new NotCommon();
    return { is: 'column', name };
  }

  /** What stands behind `::`, as one text. */
  function cast(): string | undefined {
    if (!hasCasts || !mark('::')) return undefined;
    const words: string[] = [];
    while (next().kind === 'word' && !OPERATORS.has(next().text.toUpperCase())) {
      words.push(next().text.toLowerCase());
      at++;
    }
    if (mark('[')) must(mark(']'));
    must(words.length > 0);
    return words.join(' ');
  }

  const found = any();
  must(next() === END);
  return found;
}

const negatedIf = (isNot: boolean, what: Expression): Expression => (isNot ? { is: 'not', what } : what);

const WORDS = new Map<string, { readonly value: Value }>([
  ['NULL', { value: null }],
  ['TRUE', { value: true }],
  ['FALSE', { value: false }],
]);

const OPERATORS = new Set(['AND', 'OR', 'NOT', 'IS', 'IN', 'BETWEEN', 'COLLATE']);

const numberOf = (text: string): Value => (/^-?\d+$/.test(text) ? BigInt(text) : { decimal: text });

const TEXTS = ['text', 'character varying', 'bpchar'];
const NUMBERS = ['smallint', 'integer', 'bigint', 'numeric', 'double precision', 'real'];

/** A cast that changes nothing of what it is about: of a text to a text, of a number to a number that it is. */
function asCast(found: Expression, type: string): Expression {
  if (TEXTS.includes(type) && (found.is === 'column' || isValue(found, 'string'))) return found;
  if (NUMBERS.includes(type) && found.is === 'value') {
    if (typeof found.value === 'string' && /^-?\d+(\.\d+)?$/.test(found.value))
      return { is: 'value', value: numberOf(found.value) };
    if (typeof found.value !== 'string') return found;
  }
  if (type === 'boolean' && isValue(found, 'boolean')) return found;
  throw new NotCommon();
}

const isValue = (found: Expression, type: string) => found.is === 'value' && typeof found.value === type;
