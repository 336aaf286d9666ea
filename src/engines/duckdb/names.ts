import { literal, quoted } from '../quoted.ts';

export { literal, quoted };

/** What is in a schema. */
export interface Named {
  readonly schema: string;
  readonly name: string;
}

/** DuckDB's own schema, where everything is that names none. */
export const MAIN = 'main';

export const qualified = ({ schema, name }: Named) => `${quoted(schema)}.${quoted(name)}`;

/**
 * How backups, messages and settings call what is in a schema: `users`, where it is in `main`, and `shop.users` elsewhere. A name with a dot
 * or a quote in it stands between quotes, so that no two are called alike.
 */
export function keyOf({ schema, name }: Named): string {
  return schema === MAIN ? spoken(name) : `${spoken(schema)}.${spoken(name)}`;
}

/** What `keyOf` called so. */
export function namedBy(key: string): Named {
  const [first = '', second] = [...key.matchAll(/"(?:[^"]|"")*"|[^."]+/g)].map(([name]) => meant(name));
  return second === undefined ? { schema: MAIN, name: first } : { schema: first, name: second };
}

/** How a statement calls rows: a column that is a structure, and is called so, would hide them. */
export const rowsCalled = (word: string) => quoted(`overwinter ${word}`);

/** DuckDB tells no large letters from small ones. */
export const fold = (name: string) => name.toLowerCase();

/** An order that is the same everywhere. */
export const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const spoken = (name: string) => (/[."]|^$/.test(name) ? quoted(name) : name);
const meant = (text: string) => (text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text);
