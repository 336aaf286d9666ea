import type { ColumnKind, Default } from '../../../core/common/definitions.ts';
import type { SchemaObject } from '../../../core/manifest.ts';
import type { ToldColumn } from '../../across.ts';
import { keyOf, namedBy } from '../names.ts';
import { columnKind, isPlain, plainType, readerFor } from './declared.ts';
import { readDefault } from './defaults.ts';
import { placeFirst } from './parts.ts';

export interface Column extends ToldColumn {
  /** Its texts are compared letter by letter. */
  readonly isPlain: boolean;
  readonly isGenerated: boolean;
  /** The sequence that numbers its rows. */
  readonly sequence?: string;
  readonly lost: readonly { readonly what: string; readonly why: string }[];
}

/** The types that domains are over. */
export function domainsIn(schema: readonly SchemaObject[]): Map<string, string> {
  const domains = new Map<string, string>();
  for (const { type, name, sql } of schema) {
    if (type !== 'domain') continue;
    const [, after = ''] = / AS ([\s\S]*)$/.exec(sql) ?? [];
    domains.set(name, typeFirst(after).type);
  }
  return domains;
}

/** Words that no type has, and that come after one. */
const AFTER = /^(COMPRESSION|COLLATE|GENERATED|DEFAULT|CONSTRAINT|NOT|CHECK)\b/;

/** A type at the beginning, and what follows: types have several words, and parentheses. */
function typeFirst(sql: string): { readonly type: string; readonly rest: string } {
  const words: string[] = [];
  let rest = sql.trim();
  while (rest !== '' && !AFTER.test(rest)) {
    const [word = rest.charAt(0)] = /^("(?:[^"]|"")*"|\([^)]*\)|[^\s"(]+|\s+)/.exec(rest) ?? [];
    words.push(word);
    rest = rest.slice(word.length);
  }
  return { type: words.join('').trim(), rest: rest.trim() };
}

/** How a sequence is said that others can have, too. */
export const COUNTS_BY_ONE = / INCREMENT BY 1 MINVALUE 1 MAXVALUE \d+ CACHE \d+(?! CYCLE)/;
export const OTHER_STEPS = 'only PostgreSQL counts in such steps';

/** A column as CREATE TABLE says it, behind its name. */
export function columnIn(name: string, sql: string, domains: ReadonlyMap<string, string>): Column {
  const { type: declared, rest } = typeFirst(sql);
  const base = baseOf(declared, domains);
  const type = plainType(base);
  const kind: ColumnKind = columnKind(type);
  const lost: { what: string; why: string }[] = [];
  const collation = / COLLATE ("[^"]*"|\S+)/.exec(` ${rest}`)?.[1];
  if (collation !== undefined)
    lost.push({ what: 'collation', why: `texts are compared by ${collation} only in PostgreSQL` });
  const isGenerated = /^(?:COLLATE \S+ )?GENERATED ALWAYS AS \(/.test(rest);
  if (isGenerated) lost.push({ what: 'generated column', why: 'it is computed in PostgreSQL’s SQL' });
  const identity = /GENERATED (?:ALWAYS|BY DEFAULT) AS IDENTITY \(SEQUENCE NAME ([\s\S]*)/.exec(rest)?.[1];
  if (identity !== undefined && !COUNTS_BY_ONE.test(identity)) lost.push({ what: 'numbering', why: OTHER_STEPS });
  const said = isGenerated ? undefined : defaultIn(rest);
  const serial = /^nextval\('((?:[^']|'')*)'::regclass\)$/.exec(said ?? '')?.[1];
  const byDefault: Default | undefined =
    said === undefined || serial !== undefined ? undefined : readDefault(said, type);
  if (said !== undefined && serial === undefined && byDefault === undefined)
    lost.push({ what: 'default', why: `${said} is PostgreSQL’s` });
  const sequence = identity ?? serial?.replaceAll("''", "'");
  return {
    name,
    kind,
    declared,
    notNull: / NOT NULL( NO INHERIT)?$/.test(` ${rest}`),
    ...(byDefault === undefined ? {} : { byDefault }),
    counts: sequence !== undefined,
    ...(sequence === undefined ? {} : { sequence: keyOf(placeFirst(sequence)) }),
    read: readerFor(base),
    isPlain: isPlain(type) && collation === undefined,
    isGenerated,
    lost,
  };
}

function baseOf(declared: string, domains: ReadonlyMap<string, string>): string {
  const base = domains.get(keyOf(namedBy(declared)));
  return base === undefined ? declared : baseOf(base, domains);
}

/** What stands behind DEFAULT, without the NOT NULL that may follow. */
function defaultIn(rest: string): string | undefined {
  const found = /(?:^|(?<!BY) )DEFAULT ([\s\S]*)$/.exec(rest)?.[1];
  return found?.replace(/(?: CONSTRAINT ("(?:[^"]|"")*"|\S+))? NOT NULL( NO INHERIT)?$/, '').trim();
}
