import { literal, quoted } from '../quoted.ts';

export { literal, quoted };

/** What is in a schema. */
export interface Named {
  readonly schema: string;
  readonly name: string;
}

export const qualified = ({ schema, name }: Named) => `${quoted(schema)}.${quoted(name)}`;

/**
 * How backups, messages and settings call what is in a schema: `users`, where it is in `public`, and `shop.users` elsewhere. A name with a
 * dot or a quote in it stands between quotes, so that no two are called alike.
 */
export function keyOf({ schema, name }: Named): string {
  return schema === 'public' ? spoken(name) : `${spoken(schema)}.${spoken(name)}`;
}

/** What `keyOf` called so. */
export function namedBy(key: string): Named {
  const [first = '', second] = [...key.matchAll(/"(?:[^"]|"")*"|[^."]+/g)].map(([name]) => meant(name));
  return second === undefined ? { schema: 'public', name: first } : { schema: first, name: second };
}

const spoken = (name: string) => (/[."]|^$/.test(name) ? quoted(name) : name);
const meant = (spoken: string) => (spoken.startsWith('"') ? spoken.slice(1, -1).replaceAll('""', '"') : spoken);
