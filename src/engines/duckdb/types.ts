/** How DuckDB writes types down, as far as it matters for their values. */
export interface Type {
  /** `INTEGER`, `DECIMAL(10,2)`, `STRUCT`, `UNION`, `LIST`. */
  readonly name: string;
  /** What it is made of: fields, members of a union, keys and values of a map, elements. */
  readonly parts: readonly Part[];
}

export interface Part {
  /** Empty where it has none. */
  readonly name: string;
  readonly type: Type;
  /** As DuckDB wrote it. */
  readonly text: string;
}

/** Undefined where it reads in no way that is known here. */
export function parseType(text: string): Type | undefined {
  const trimmed = text.trim();
  const array = /^([\s\S]+)\[\d*\]$/.exec(trimmed)?.[1];
  if (array !== undefined) return ofParts('LIST', [['', array]]);
  const [, name = '', inside] = /^(STRUCT|UNION|MAP|ENUM)\(([\s\S]*)\)$/.exec(trimmed) ?? [];
  if (name === 'ENUM') return { name, parts: [] };
  if (name === 'MAP')
    return ofParts(
      name,
      entriesOf(inside ?? '').map((entry) => ['', entry]),
    );
  if (name !== '') return ofParts(name, entriesOf(inside ?? '').map(namedEntry));
  return /^[A-Z][A-Z0-9_ ]*(\(\d+(,\d+)?\))?$/.test(trimmed) ? { name: trimmed, parts: [] } : undefined;
}

function ofParts(name: string, entries: readonly (readonly [string, string])[]): Type | undefined {
  const parts: Part[] = [];
  for (const [part, text] of entries) {
    const type = parseType(text);
    if (type === undefined) return undefined;
    parts.push({ name: part, type, text });
  }
  return { name, parts };
}

const TOKENS = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[(),]|[^"'(),]+/g;

/** What commas divide, those in parentheses and quotes aside. */
function entriesOf(text: string): string[] {
  const entries: string[] = [];
  let depth = 0;
  let entry = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === ',' && depth === 0) {
      entries.push(entry.trim());
      entry = '';
      continue;
    }
    if (token === '(') depth++;
    if (token === ')') depth--;
    entry += token;
  }
  return [...entries, entry.trim()];
}

/** A field without a name is written as its type alone. */
function namedEntry(entry: string): [string, string] {
  const [, name, rest = ''] = /^("(?:[^"]|"")*"|[^\s"(]+)\s+([\s\S]+)$/.exec(entry) ?? [];
  if (name === undefined) return ['', entry];
  return [name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name, rest];
}

const NUMBERS =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/;
const OTHERS =
  /^(BOOLEAN|VARCHAR|BLOB|BIT|DATE|TIME|TIME_NS|TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS|TIME WITH TIME ZONE|TIMESTAMP WITH TIME ZONE|INTERVAL|UUID|JSON|BIGNUM|ENUM)$/;

/** Those whose text has neither a quote nor a backslash nor a control character, whatever the value. */
export const isPlainText = (type: string) =>
  /^(BIT|DATE|TIME|TIME_NS|TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS|TIME WITH TIME ZONE|TIMESTAMP WITH TIME ZONE|INTERVAL|UUID|BIGNUM)$/.test(
    type,
  );

/** Those whose values fit 64 bits, whatever they are. */
export const isWholeNumber = (type: string) =>
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER)$/.test(type);

/** How a value becomes JSON: a number stays bare where it is one to JSON, and everything that is not listed is a text. */
export type Kind = 'number' | 'boolean' | 'bytes' | 'json' | 'text';

/** Undefined for a type whose values do not come back. */
export function kindOf(text: string): Kind | undefined {
  const type = parseType(text);
  if (type === undefined) return undefined;
  if (type.name === 'UNION')
    return type.parts.every((part) => part.name !== '' && isKept(part.type)) ? 'json' : undefined;
  if (!isKept(type)) return undefined;
  if (type.parts.length > 0) return 'json';
  if (NUMBERS.test(type.name)) return 'number';
  if (type.name === 'BLOB') return 'bytes';
  return type.name === 'BOOLEAN' ? 'boolean' : 'text';
}

/** Which member a union is, nobody can say of one inside of others; and a key of a map has no parts in JSON. */
function isKept({ name, parts }: Type): boolean {
  if (name === 'LIST') return parts.every(({ type }) => isKept(type));
  if (name === 'MAP') return parts.every(({ type }) => isKept(type)) && parts[0]?.type.parts.length === 0;
  // No definition could be made again of one with fields that have no names.
  if (name === 'STRUCT') return parts.length > 0 && parts.every((part) => part.name !== '' && isKept(part.type));
  return NUMBERS.test(name) || OTHERS.test(name);
}
