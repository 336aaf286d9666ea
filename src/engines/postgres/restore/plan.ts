import type { Saved, SchemaObject } from '../../../core/manifest.ts';
import { leftOutOf } from '../../../core/privacy/left-out.ts';
import { notTheirOwner } from '../../../core/problems/postgres.ts';
import { readSchema } from '../catalog/read-schema.ts';
import type { Session } from '../driver.ts';
import { findTables, type Table } from '../tables.ts';
import { mustDefine } from './definition.ts';
import { textOf } from './make-schema.ts';
import { mustHaveRoles } from './roles.ts';
import { regclasses } from './suspend.ts';
import { leftWhole, type RestoreTarget } from './target.ts';

/**
 * What is to happen where a backup takes the place of a database. `fresh`: no table is there, and everything is made. `same`: the tables are the
 * backup's, and only rows go and come. `other`: what is there goes, and the backup's is made.
 */
export interface Plan {
  readonly kind: 'fresh' | 'same' | 'other';
  /** What was there when it was made, without tables that stay. */
  readonly live: readonly SchemaObject[];
  readonly tables: readonly Table[];
  /** Tables that backups leave out whole. */
  readonly stays: readonly string[];
  /** What comes out otherwise around the tables, in sentences. */
  readonly warnings: readonly string[];
}

/** Finds out before anything is touched what is to be done, and whether it can be: definitions, roles, owners. */
export async function planFor(session: Session, target: RestoreTarget, content: Saved): Promise<Plan> {
  for (const object of content.schema) mustDefine(object);
  await mustHaveRoles(session, target.label, content.schema);
  const stays = leftWhole(leftOutOf(content.metadata ?? {}));
  const { schema } = await readSchema(session, target.label, target.scope);
  const live = withoutTables(schema, stays);
  const { tables } = await findTables(session, target.scope);
  const there = tables.filter(({ key }) => !stays.includes(key));
  await mustOwn(session, target.label, there);
  const kind = kindOf(live, content.schema);
  return { kind, live, tables, stays, warnings: kind === 'other' ? await publicationsOf(session, there) : [] };
}

async function publicationsOf(session: Session, tables: readonly Table[]): Promise<string[]> {
  if (tables.length === 0) return [];
  const rows =
    await session.query(`SELECT p.pubname, r.prrelid::regclass FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
    WHERE r.prrelid = ANY(${regclasses(tables)}) ORDER BY 1, 2::text`);
  return rows.map(
    ([publication, table]) => `the publication ${publication} loses ${table}, which is made anew: add it again`,
  );
}

function kindOf(live: readonly SchemaObject[], wanted: readonly SchemaObject[]): Plan['kind'] {
  if (!live.some(({ type }) => type === 'table')) return 'fresh';
  return isSameSchema(live, wanted) ? 'same' : 'other';
}

export const withoutTables = (schema: readonly SchemaObject[], tables: readonly string[]): SchemaObject[] =>
  schema.filter(({ type, name, table }) => !tables.includes(table) && !(type === 'table' && tables.includes(name)));

/** What does not decide over rows: who may do what, what is said of things, and what may be there besides. */
const BESIDES = ['schema', 'extension', 'comment', 'grant'];

const essence = (schema: readonly SchemaObject[]) =>
  schema
    .filter(({ type }) => !BESIDES.includes(type))
    .map(textOf)
    .sort();

export const isSameSchema = (a: readonly SchemaObject[], b: readonly SchemaObject[]): boolean =>
  essence(a).join('\n') === essence(b).join('\n');

/** Definitions of a backup that are not there; `among` what there is. */
export function missingFrom(wanted: readonly SchemaObject[], among: readonly SchemaObject[]): SchemaObject | undefined {
  const there = new Set(among.map(textOf));
  return wanted.find((object) => object.type !== 'grant' && !there.has(textOf(object)));
}

async function mustOwn(session: Session, label: string, tables: readonly Table[]): Promise<void> {
  if (tables.length === 0) return;
  const rows = await session.query(`SELECT c.oid::regclass, current_user FROM pg_class c
    WHERE c.oid = ANY(${regclasses(tables)}) AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1`);
  const [[, role = ''] = []] = rows;
  if (rows.length > 0)
    throw notTheirOwner(
      label,
      `${role}`,
      rows.map(([name]) => `${name}`),
    )();
}
