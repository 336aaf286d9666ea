/**
 * Reading JSON without losing anything: values stay text until someone asks for them, so 64-bit integers and the
 * difference between 1 and 1.0 survive, a key given twice is seen, and nesting is bounded.
 */

const MAX_DEPTH = 64;

export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

const isSpace = (c: number) => c === 32 || c === 10 || c === 13 || c === 9;

function skipSpace(text: string, at: number): number {
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

const fail = (what: string, at: number): never => {
  throw new JsonSyntaxError(`${what} at character ${at}`);
};

/** Where the string that begins at `at` ends. */
function skipString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) return i + 1;
    if (c === 92) i++;
    else if (c < 32) fail('a control character in a string', i);
  }
  return fail('a string without an end', at);
}

/**
 * Where the value that begins at `at` ends. Scalars are only delimited here: whoever uses one parses it. Of a value without an end,
 * nothing stands after the text's own end: whoever walks misses the bracket there.
 */
function skipValue(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; ) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      i = skipString(text, i);
      if (depth === 0) return i;
    } else if (c === 123 || c === 91) {
      if (++depth > MAX_DEPTH) fail('nesting that is too deep', i);
      i++;
    } else if (c === 125 || c === 93) {
      if (depth === 0) return i;
      i++;
      if (--depth === 0) return i;
    } else if (depth === 0 && (c === 44 || isSpace(c))) return i;
    else i++;
  }
  return text.length;
}

function expect(text: string, at: number, char: string): number {
  const found = skipSpace(text, at);
  if (text[found] !== char) fail(`something else where '${char}' belongs`, found);
  return found + 1;
}

/** Walks `{…}` or `[…]`: `item` reads one element from `at` and returns where it ends. */
function walk(text: string, open: string, close: string, item: (at: number) => number): void {
  let at = expect(text, 0, open);
  at = skipSpace(text, at);
  if (text[at] === close) at++;
  else
    for (;;) {
      at = skipSpace(text, item(skipSpace(text, at)));
      const c = text[at++];
      if (c === close) break;
      if (c !== ',') fail(`something else where ',' or '${close}' belongs`, at - 1);
    }
  if (skipSpace(text, at) !== text.length) fail('something after the end', at);
}

function valueSpan(text: string, at: number): [string, number] {
  const end = skipValue(text, at);
  if (end === at) fail('no value', at);
  return [text.slice(at, end), end];
}

/** The members of an object, each value as its text. Throws `JsonSyntaxError`, also for a key given twice. */
export function membersOf(text: string): Map<string, string> {
  const members = new Map<string, string>();
  walk(text, '{', '}', (at) => {
    if (text[at] !== '"') fail('a key that is no string', at);
    const keyEnd = skipString(text, at);
    const key = parse(text.slice(at, keyEnd));
    if (typeof key !== 'string') return fail('a key that is no string', at);
    if (members.has(key)) fail(`the key ${JSON.stringify(key)} twice`, at);
    const [value, end] = valueSpan(text, skipSpace(text, expect(text, keyEnd, ':')));
    members.set(key, value);
    return end;
  });
  return members;
}

/** The elements of an array, each as its text. */
export function elementsOf(text: string): string[] {
  const elements: string[] = [];
  walk(text, '[', ']', (at) => {
    const [value, end] = valueSpan(text, at);
    elements.push(value);
    return end;
  });
  return elements;
}

/** `JSON.parse` with our error. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonSyntaxError(error instanceof Error ? error.message : String(error));
  }
}

/** The text of a value without white space between its tokens. */
export function compact(text: string): string {
  let out = '';
  let from = 0;
  for (let i = 0; i < text.length; ) {
    const c = text.charCodeAt(i);
    if (c === 34) i = skipString(text, i);
    else if (isSpace(c)) {
      out += text.slice(from, i);
      i = skipSpace(text, i);
      from = i;
    } else i++;
  }
  return out + text.slice(from);
}
