import type { CommonIndex, CommonKey, CommonReference, Lost } from '../../../core/common/definitions.ts';
import { type Expression, readExpression } from '../../../core/common/expression.ts';
import { membersOf } from '../../../core/json.ts';
import type { SchemaObject } from '../../../core/manifest.ts';
import type { Told, ToldTable } from '../../across.ts';
import { SEQUENCES } from '../codec.ts';
import { keyOf, type Named, namedBy } from '../names.ts';
import { COUNTS_BY_ONE, type Column, columnIn, domainsIn, OTHER_STEPS } from './column.ts';
import { added, type Columns, indexIn, keyIn, referenceIn } from './keys.ts';
import { nameFirst, partsOf, placeFirst } from './parts.ts';

/** What only PostgreSQL has. Types stay with the columns that have them; a schema is the beginning of a name. */
const OWN = 'only PostgreSQL has it';
const IN_TABLES = [
  'table',
  'constraint',
  'index',
  'foreign key',
  'sequence',
  'schema',
  'enum',
  'domain',
  'composite',
  'range',
];

/** What definitions say in common words: they are read as the server writes them, so no server is asked. */
export function tell(schema: readonly SchemaObject[]): Told {
  const lost: Lost[] = [];
  const domains = domainsIn(schema);
  const tables = new Map<string, Drafted>();
  for (const object of schema) if (object.type === 'table') draft(object, domains, tables, lost);
  for (const object of schema) {
    const drafted = tables.get(object.table);
    const why = drafted === undefined ? undefined : tellPart(drafted, object, tables);
    if (why !== undefined) lost.push({ what: object.type, name: nameOf(object, drafted), why });
    else if (!IN_TABLES.includes(object.type) && !isOfSequence(object))
      lost.push({ what: object.type, name: nameOf(object, drafted), why: OWN });
  }
  const owned = new Map<string, string>();
  for (const [key, { columns }] of tables)
    for (const { sequence } of columns) if (sequence !== undefined) owned.set(sequence, key);
  for (const { type, name, sql } of schema) {
    if (type !== 'sequence') continue;
    if (!owned.has(name)) lost.push({ what: type, name, why: OWN });
    else if (!COUNTS_BY_ONE.test(sql)) lost.push({ what: type, name, why: OTHER_STEPS });
  }
  const common = new Map([...tables].map(([key, { name }]) => [key, name]));
  return {
    tables: [...tables].map(([stored, drafted]) => toldOf(stored, drafted)),
    lost,
    counters: { stored: SEQUENCES, read: (line) => counterIn(line, owned, common) },
  };
}

/** A thing of a table's, put into its place there; or why others do not have it. */
function tellPart(
  drafted: Drafted,
  { type, name, sql }: SchemaObject,
  tables: ReadonlyMap<string, Drafted>,
): string | undefined {
  if (type === 'constraint') {
    const { name: rule, rest } = added(sql);
    if (rest.startsWith('CHECK')) return tellCheck(drafted, rule, rest);
    const found = keyIn(sql, drafted);
    if (typeof found === 'string') return found;
    const { isPrimary, ...key } = found;
    if (isPrimary) drafted.primary = key;
    else drafted.uniques.push(key);
  } else if (type === 'index') {
    const found = indexIn(namedBy(name).name, sql, drafted);
    if (typeof found === 'string') return found;
    drafted.indexes.push(found);
  } else if (type === 'foreign key') {
    const found = referenceIn(sql, (key) => tables.get(key)?.name);
    if (typeof found === 'string') return found;
    drafted.references.push(found);
  }
  return undefined;
}

const nameOf = ({ type, name }: SchemaObject, drafted: Drafted | undefined): string =>
  type === 'constraint' || type === 'foreign key' ? `${drafted?.name ?? ''} (${name})` : name;

const isOfSequence = ({ type, sql }: SchemaObject) => type === 'alter' && sql.startsWith('ALTER SEQUENCE');

interface Drafted extends Columns {
  readonly name: string;
  primary?: CommonKey;
  readonly uniques: CommonKey[];
  readonly references: CommonReference[];
  readonly checks: { readonly name: string; readonly must: Expression }[];
  readonly indexes: CommonIndex[];
}

/** A table of another schema has its name before its own. */
const commonName = ({ schema, name }: Named) => (schema === 'public' ? name : `${schema}.${name}`);

function draft(
  { name: key, sql }: SchemaObject,
  domains: ReadonlyMap<string, string>,
  tables: Map<string, Drafted>,
  lost: Lost[],
): void {
  const { entries, after } = partsOf(sql);
  const name = commonName(namedBy(key));
  const lose = (what: string, of: string, why: string) => lost.push({ what, name: `${name}${of}`, why });
  // A whole has no rows of its own.
  if (/\bPARTITION BY\b/.test(after)) {
    lose('partitioned table', '', 'its parts are tables of their own');
    return;
  }
  const own: Column[] = [];
  const rules: { name: string; sql: string }[] = [];
  for (const entry of entries) {
    const { name: first, rest } = nameFirst(entry);
    if (first === 'CONSTRAINT' && !entry.startsWith('"')) {
      const { name: rule, rest: condition } = nameFirst(rest);
      rules.push({ name: rule, sql: condition });
    } else own.push(columnIn(first, rest, domains));
  }
  if (/\bINHERITS \(/.test(after)) lose('inheritance', '', 'its rows are in its own table alone');
  const columns = [...inherited(after, own, tables), ...own];
  for (const { name: column, lost: losses } of columns)
    for (const { what, why } of losses) lose(what, `.${column}`, why);
  const stored = columns.filter(({ isGenerated }) => !isGenerated);
  const dialect = {
    column: (wanted: string) => stored.find((column) => column.name === wanted && column.isPlain)?.name,
    hasCasts: true,
  };
  const drafted: Drafted = { name, columns: stored, dialect, uniques: [], references: [], checks: [], indexes: [] };
  tables.set(key, drafted);
  for (const { name: rule, sql: condition } of rules) {
    const why = tellCheck(drafted, rule, condition);
    if (why !== undefined) lose('check', ` (${rule})`, why);
  }
}

/** What comes from parents is said with them alone. */
function inherited(after: string, own: readonly Column[], tables: ReadonlyMap<string, Drafted>): Column[] {
  const [, list = ''] = /^INHERITS (\(.*)$/s.exec(after) ?? [];
  const parents = partsOf(list).entries.map((entry) => keyOf(placeFirst(entry)));
  const all = parents.flatMap((parent) => tables.get(parent)?.columns ?? []);
  const names = new Set(own.map(({ name }) => name));
  return all.filter(({ name }, at) => !names.has(name) && all.findIndex((each) => each.name === name) === at);
}

function tellCheck(drafted: Drafted, name: string, sql: string): string | undefined {
  const { entries, after, before } = partsOf(sql);
  const must = before === 'CHECK' && after === '' ? readExpression(entries.join(', '), drafted.dialect) : undefined;
  if (must === undefined) return `${sql} is PostgreSQL’s`;
  drafted.checks.push({ name, must });
  return undefined;
}

function toldOf(stored: string, { dialect: _, ...drafted }: Drafted): ToldTable {
  return {
    ...drafted,
    stored,
    columns: drafted.columns,
    rowNames: drafted.primary?.columns ?? [],
  };
}

function counterIn(
  line: string,
  owned: ReadonlyMap<string, string>,
  common: ReadonlyMap<string, string>,
): { table: string; last: bigint } | undefined {
  const members = membersOf(line);
  const table = common.get(owned.get(JSON.parse(members.get('sequence') ?? '""')) ?? '');
  if (table === undefined || members.get('is_called') !== 'true') return undefined;
  return { table, last: BigInt(members.get('last_value') ?? '0') };
}
