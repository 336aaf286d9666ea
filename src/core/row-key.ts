import { membersOf, parse } from './json.ts';

/** A row that somebody asks for: by key column, in order, how its value may stand in the row's line. */
export type Sought = ReadonlyMap<string, readonly string[]>;

/** How a value that somebody types may stand in a line: as text, and as what it looks like besides. */
export function formsOf(word: string): readonly string[] {
  const text = JSON.stringify(word);
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(word)) return [word, text];
  const [, hex] = /^[xX]'((?:[0-9a-fA-F]{2})*)'$/.exec(word) ?? [];
  if (hex !== undefined) return [JSON.stringify({ $blob: Buffer.from(hex, 'hex').toString('base64') }), text];
  // As a row that was shown has it.
  return word.startsWith('{"$') ? [word, text] : [text];
}

/** The rows among lines whose key is the one that is sought. Throws JsonSyntaxError for a line that is no row. */
export function linesWith(bytes: Uint8Array, sought: Sought): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [last, ...others] = [...sought].reverse();
  if (last === undefined) return [];
  const found = new Map<number, string>();
  for (const needle of needlesOf(last)) {
    for (let at = buffer.indexOf(needle); at !== -1; at = buffer.indexOf(needle, at + 1)) {
      const from = buffer.lastIndexOf(LINE_END, at) + 1;
      if (found.has(from)) continue;
      const end = buffer.indexOf(LINE_END, at);
      const line = buffer.toString('utf8', from, end === -1 ? buffer.length : end);
      if (others.every((each) => needlesOf(each).some((other) => line.includes(other))) && isSought(line, sought))
        found.set(from, line);
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([, line]) => line);
}

const LINE_END = 10;

const needlesOf = ([column, forms]: readonly [string, readonly string[]]) =>
  forms.map((form) => `${JSON.stringify(column)}:${form}`);

function isSought(line: string, sought: Sought): boolean {
  const members = membersOf(line);
  return [...sought].every(([column, forms]) => forms.includes(members.get(column) ?? ''));
}

/** A row for programs. A whole number that JavaScript would round stays exact as text. */
export function rowAsValue(line: string): Record<string, unknown> {
  return Object.fromEntries([...membersOf(line)].map(([name, text]) => [name, asValue(text)]));
}

function asValue(text: string): unknown {
  if (/^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text))) return text;
  return parse(text);
}

/** How a row differs from what it was, column by column; undefined on the side that has no such column. */
export interface ColumnChange {
  readonly column: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export function columnsChanged(before: string, after: string): ColumnChange[] {
  const [old, now] = [membersOf(before), membersOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((column) => ({ column, before: old.get(column), after: now.get(column) }))
    .filter((each) => each.before !== each.after);
}
