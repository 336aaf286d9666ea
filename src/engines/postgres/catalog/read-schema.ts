import type { SchemaObject } from '../../../core/manifest.ts';
import { schemaCircular, schemaUnknown } from '../../../core/problems/postgres.ts';
import type { Session } from '../driver.ts';
import { keyOf } from '../names.ts';
import { columnSettings, indexStatistics, indexUses, typedTables } from './alterations.ts';
import { comments } from './comments.ts';
import { constraints, indexes, indexParts, statistics } from './constraints.ts';
import { belongings, needs } from './dependencies.ts';
import { functions } from './functions.ts';
import { grants } from './grants.ts';
import { FIRST_AFTER_ROWS } from './kinds.ts';
import { type Item, inOrder, steps } from './order.ts';
import type { Piece } from './piece.ts';
import { policies, rowSecurity } from './policies.ts';
import { extensions, schemas, wantedExtensions } from './schemas.ts';
import { type Scope, scopeSql } from './scope.ts';
import { sequenceOwners, sequences } from './sequences.ts';
import { defaults, partitions, tables } from './tables.ts';
import { collations, configurations, dictionaries } from './texts.ts';
import { rules, states, triggers } from './triggers.ts';
import { composites, domainConstraints, domains, enums, ranges } from './types.ts';
import { leftAlone, refused } from './unknown.ts';
import { materializedViews, views } from './views.ts';

const PIECES: readonly Piece[] = [
  schemas,
  extensions,
  collations,
  dictionaries,
  configurations,
  enums,
  domains,
  domainConstraints,
  composites,
  ranges,
  sequences,
  sequenceOwners,
  functions,
  tables,
  partitions,
  defaults,
  columnSettings,
  typedTables,
  constraints,
  indexes,
  indexParts,
  indexUses,
  indexStatistics,
  statistics,
  views,
  materializedViews,
  rules,
  triggers,
  states,
  policies,
  rowSecurity,
  comments,
];

export interface ReadSchema {
  /** In the order in which it can be made. */
  readonly schema: readonly SchemaObject[];
  /** What is there and not in it, because no row needs it or because it is a host's; one a name. */
  readonly leftAlone: readonly string[];
}

/**
 * The whole schema, as the catalog tells it, inside of a transaction with the settings of `settings.ts`: the text of a definition depends on
 * them. Throws DATABASE_FAILED for what could not be made again.
 */
export async function readSchema(session: Session, label: string, scope: Scope = {}): Promise<ReadSchema> {
  const ask = async (piece: Piece) =>
    texts(await session.query(`WITH ${scopeSql(scope)}, ${wantedExtensions}\n${piece}`));
  const unknown = await ask(refused);
  if (unknown.length > 0) throw schemaUnknown(label, unknown.map(([what = '']) => what).sort())();
  const pieces = scope.grants === false ? PIECES : [...PIECES, grants];
  const found = (await ask(pieces.join('\nUNION ALL\n'))).map(foundIn);
  const owners = new Map((await ask(belongings)).map(([part = '', whole = '']) => [part, whole]));
  const items = new Map(found.map((each) => [each.item.key, each.item]));
  const itemOf = (key: string): Item | undefined => {
    const item = items.get(key);
    const owner = owners.get(key);
    return item ?? (owner === undefined ? undefined : itemOf(owner));
  };
  const links = new Map<Item, Set<Item>>();
  const link = (item: Item | undefined, need: Item | undefined) => {
    if (item === undefined || need === undefined || item === need) return;
    links.set(item, (links.get(item) ?? new Set()).add(need));
  };
  for (const [key = '', need = ''] of await ask(needs)) link(itemOf(key), itemOf(need));
  for (const { item, needs } of found) for (const need of needs) link(item, itemOf(need));
  const wanted = found.filter(
    ({ item, needs }) => item.type !== 'comment' || needs.some((key) => itemOf(key) !== undefined || key === PUBLIC),
  );
  const needsOf = (item: Item) => [...(links.get(item) ?? [])];
  const all = wanted.map(({ item }) => item);
  const circle = (item: Item): never => {
    throw schemaCircular(label, `${item.type} ${item.name}`)();
  };
  const stepOf = steps(needsOf, circle);
  const late = all.find((item) => item.type === 'table' && stepOf(item) >= FIRST_AFTER_ROWS);
  if (late !== undefined) circle(late);
  return {
    schema: inOrder(all, needsOf, circle).map(({ type, name, table, sql }) => ({ type, name, table, sql })),
    leftAlone: (await ask(leftAlone)).map(([what = '']) => what).sort(),
  };
}

/** It is always there, and has no definition. */
const PUBLIC = 'pg_namespace:2200';

interface Found {
  readonly item: Item;
  readonly needs: readonly string[];
}

/** What has no entry in the catalog has its definition for a key. */
function foundIn([
  key = '',
  type = '',
  schema = '',
  name = '',
  tableSchema = '',
  table = '',
  sql = '',
  needed = '',
]: readonly string[]): Found {
  const item = {
    key: key === '' ? sql : key,
    type,
    name: schema === '' ? name : keyOf({ schema, name }),
    table: table === '' ? '' : keyOf({ schema: tableSchema, name: table }),
    sql,
  };
  return { item, needs: needed.split(' ').filter((each) => each !== '') };
}

const texts = (rows: readonly (readonly (string | null)[])[]) => rows.map((row) => row.map((text) => text ?? ''));
