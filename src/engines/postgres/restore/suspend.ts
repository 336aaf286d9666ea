import { reasonOf } from '../../../core/errors.ts';
import { foreignKeyNotOurs, rowsWouldDangle } from '../../../core/problems/postgres.ts';
import { codeOf } from '../../../core/system-error.ts';
import type { Session } from '../driver.ts';
import { literal, type Named, qualified, quoted } from '../names.ts';

/** What stands in the way of rows coming in, put aside, and how it is put back as it was. */
export interface Suspended {
  /** Foreign keys are tried against what is there then. `work` comes behind them, while their owner still sees all rows. */
  resume(work?: () => Promise<void>): Promise<void>;
}

/** Names of tables, as the server takes them for their numbers. */
export const regclasses = (tables: readonly Named[]): string =>
  `ARRAY[${tables.map((table) => literal(qualified(table))).join(', ')}]::regclass[]`;

/**
 * Foreign keys from and to these tables go, triggers are off, and row security does not hold for their owner, until `resume`; all of it in
 * a transaction that is open and that holds them against everybody. A plain owner may do so, and not switch off keys as they are.
 */
export async function suspend(session: Session, label: string, tables: readonly Named[]): Promise<Suspended> {
  if (tables.length === 0) return { resume: async () => {} };
  const keys = await foreignKeys(
    session,
    label,
    `k.conrelid = ANY(${regclasses(tables)}) OR k.confrelid = ANY(${regclasses(tables)})`,
  );
  const triggers = await statementsOf(session, triggersOf(tables));
  const forced = await statementsOf(session, forcedOf(tables));
  const rights = await statementsOf(session, rightsOn(tables));
  for (const { away } of [...keys, ...triggers, ...forced, ...rights]) await session.query(away);
  return {
    async resume(work) {
      for (const key of keys) await makeAgain(session, key);
      await work?.();
      for (const { back } of [...rights, ...forced, ...triggers]) await session.query(back);
    },
  };
}

/** From here on, whoever owns these tables may read all rows of them; in a transaction that is open, and never to end well. */
export async function letOwnerRead(session: Session, tables: readonly Named[]): Promise<void> {
  if (tables.length === 0) return;
  for (const sql of [forcedOf(tables), rightsOn(tables)])
    for (const { away } of await statementsOf(session, sql)) await session.query(away);
}

/** Foreign keys to these tables from others go until `resume`: the tables themselves go, too. */
export async function suspendKeysFromOutside(
  session: Session,
  label: string,
  tables: readonly Named[],
): Promise<Suspended> {
  if (tables.length === 0) return { resume: async () => {} };
  const ours = regclasses(tables);
  const keys = await foreignKeys(session, label, `k.confrelid = ANY(${ours}) AND NOT k.conrelid = ANY(${ours})`);
  for (const { away } of keys) await session.query(away);
  return {
    async resume() {
      for (const key of keys) await makeAgain(session, key);
    },
  };
}

interface Undoable {
  readonly away: string;
  readonly back: string;
}

interface Key extends Undoable {
  readonly name: string;
  readonly table: string;
  readonly comment: string;
}

const statementsOf = async (session: Session, sql: string): Promise<Undoable[]> =>
  (await session.query(sql)).map(([away, back]) => ({ away: away ?? '', back: back ?? '' }));

/** Those of a whole; the keys of its parts go and come with them. */
async function foreignKeys(session: Session, label: string, which: string): Promise<Key[]> {
  const rows = await session.query(`
SELECT k.conrelid::regclass, k.conname, concat(CASE WHEN c.relkind = 'r' THEN 'ONLY ' END, k.conrelid::regclass), pg_get_constraintdef(k.oid),
  obj_description(k.oid, 'pg_constraint'), pg_has_role(c.relowner, 'USAGE')
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.contype = 'f' AND k.conparentid = 0 AND (${which})
ORDER BY 1, 2`);
  return rows.map(([table, name, where, definition, comment, isOurs]) => {
    if (isOurs !== 't') throw foreignKeyNotOurs(label, `${name} of ${table}`)();
    return {
      name: `${name}`,
      table: `${table}`,
      away: `ALTER TABLE ${table} DROP CONSTRAINT ${quoted(`${name}`)}`,
      back: `ALTER TABLE ${where} ADD CONSTRAINT ${quoted(`${name}`)} ${definition}`,
      comment:
        comment === null ? '' : `COMMENT ON CONSTRAINT ${quoted(`${name}`)} ON ${table} IS ${literal(`${comment}`)}`,
    };
  });
}

async function makeAgain(session: Session, { back, comment, name, table }: Key): Promise<void> {
  try {
    await session.query(back);
    if (comment !== '') await session.query(comment);
  } catch (error) {
    throw codeOf(error) === '23503' ? rowsWouldDangle(table, name, detailOf(error))(error) : error;
  }
}

/** The server names the row. */
const detailOf = (error: unknown) =>
  error instanceof Error && 'detail' in error && typeof error.detail === 'string' ? error.detail : reasonOf(error);

/** Also those that a part has of the whole, which some versions call internal. */
const triggersOf = (tables: readonly Named[]) => `
SELECT format('ALTER TABLE ONLY %s DISABLE TRIGGER %I', t.tgrelid::regclass, t.tgname), format('ALTER TABLE ONLY %s %s TRIGGER %I', t.tgrelid::regclass,
  CASE t.tgenabled WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END, t.tgname)
FROM pg_trigger t WHERE t.tgrelid = ANY(${regclasses(tables)}) AND t.tgenabled <> 'D' AND (NOT t.tgisinternal OR t.tgparentid <> 0)
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.oid = t.tgconstraint AND k.contype = 'f') ORDER BY 1`;

const forcedOf = (tables: readonly Named[]) => `
SELECT format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', c.oid::regclass), format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', c.oid::regclass)
FROM pg_class c WHERE c.oid = ANY(${regclasses(tables)}) AND c.relforcerowsecurity ORDER BY 1`;

/** An owner may have taken a right from themselves, and may take it back for a while. */
const rightsOn = (tables: readonly Named[]) => `
SELECT format('GRANT %s ON %s TO CURRENT_USER', r.name, t.oid), format('REVOKE %s ON %s FROM CURRENT_USER', r.name, t.oid)
FROM unnest(${regclasses(tables)}) AS t(oid), unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS r(name)
WHERE NOT has_table_privilege(t.oid, r.name) ORDER BY 1`;
