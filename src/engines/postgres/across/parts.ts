/** The entries of a list in parentheses, and what stands around it: quotes and inner parentheses are passed over. */
export interface Parts {
  readonly before: string;
  readonly entries: readonly string[];
  readonly after: string;
}

/** What closes what begins at `at`, past its end; a string with `E` before it has backslashes. */
function pastQuote(sql: string, at: number): number {
  const mark = sql.charAt(at);
  const hasEscapes = mark === "'" && /(^|\W)E$/i.test(sql.slice(Math.max(0, at - 2), at));
  for (let i = at + 1; i < sql.length; i++) {
    if (hasEscapes && sql.charAt(i) === '\\') i++;
    else if (sql.charAt(i) === mark) {
      if (sql.charAt(i + 1) !== mark) return i + 1;
      i++;
    }
  }
  return sql.length;
}

/** By the first parenthesis of a definition; without one there are no entries. */
export function partsOf(sql: string): Parts {
  const cuts: number[] = [];
  let depth = 0;
  let at = 0;
  while (at < sql.length) {
    const mark = sql.charAt(at);
    if (mark === "'" || mark === '"') {
      at = pastQuote(sql, at);
      continue;
    }
    if (mark === '(' || mark === '[') {
      if (depth === 0) cuts.push(at);
      depth++;
    } else if (mark === ')' || mark === ']') depth--;
    else if (mark === ',' && depth === 1) cuts.push(at);
    at++;
    if (depth === 0 && cuts.length > 0) break;
  }
  const [first] = cuts;
  if (first === undefined) return { before: sql.trim(), entries: [], after: '' };
  const ends = [...cuts.slice(1), at - 1];
  const entries = cuts.map((cut, i) => sql.slice(cut + 1, ends[i]).trim()).filter((entry) => entry !== '');
  return { before: sql.slice(0, first).trim(), entries, after: sql.slice(at).trim() };
}

/** A name at the beginning, and what follows. */
export function nameFirst(sql: string): { readonly name: string; readonly rest: string } {
  const text = sql.trim();
  if (!text.startsWith('"')) {
    const name = /^[\w$\u0080-\uffff]*/u.exec(text)?.[0] ?? '';
    return { name, rest: text.slice(name.length).trim() };
  }
  const end = pastQuote(text, 0);
  return { name: text.slice(1, end - 1).replaceAll('""', '"'), rest: text.slice(end).trim() };
}

/** A name of two steps at the beginning, and what follows. */
export function placeFirst(sql: string): { readonly schema: string; readonly name: string; readonly rest: string } {
  const first = nameFirst(sql);
  if (!first.rest.startsWith('.')) return { schema: 'public', ...first };
  const second = nameFirst(first.rest.slice(1));
  return { schema: first.name, ...second };
}
