import { type Content, rowCount, type Saved, type SchemaObject } from '../../../core/manifest.ts';
import { columnNotMigratedTo, notMigratedTo } from '../../../core/problems/postgres.ts';
import type { SliceSource } from '../../engine.ts';
import { isInternal, postgresCodec } from '../codec.ts';
import type { Session } from '../driver.ts';
import { namedBy, qualified } from '../names.ts';
import { findTables, type Table } from '../tables.ts';
import { loadRows } from './load-rows.ts';
import { refresh } from './refresh.ts';
import { setSequences } from './sequences.ts';
import type { Surveyed } from './survey.ts';
import { suspend } from './suspend.ts';
import type { RestoreTarget } from './target.ts';

/** Which tables get rows, and what is said of the others. */
export interface Filling {
  readonly tables: readonly FilledTable[];
  /** Of the user's tables. */
  readonly rows: number;
  readonly warnings: readonly string[];
}

interface FilledTable {
  readonly table: Table;
  /** Whether every migration makes its rows anew, and those of the backup are to stand in their place. */
  readonly isMade: boolean;
}

/**
 * Rows go into tables that migrations have made already, by the names of their columns. What a tool for migrations notes of its own work stays as
 * it is here: the tables are as it says. Throws TABLE_GONE and COLUMN_GONE.
 */
export async function planFilling(
  session: Session,
  target: RestoreTarget,
  live: readonly SchemaObject[],
  content: Saved,
  surveyed: ReadonlyMap<string, Surveyed>,
): Promise<Filling> {
  const { tables } = await findTables(session, target.scope);
  const byKey = new Map(tables.map((table) => [table.key, table]));
  const filled: FilledTable[] = [];
  const warnings: string[] = [];
  let rows = 0;
  for (const [name, data] of content.data) {
    const expected = rowCount(data);
    if (expected === 0 || isInternal(name)) continue;
    const bookkeeping = bookkeepingOf(name, live, content);
    const table = byKey.get(name);
    if (bookkeeping === 'ledger' || (bookkeeping === 'made' && table === undefined)) continue;
    if (table?.holdsRows !== true) throw notMigratedTo(name)();
    if (bookkeeping !== 'made' && (await hasRows(session, table))) {
      warnings.push(`${name} had rows already and keeps them`);
      continue;
    }
    const gone = surveyed.get(name)?.keys?.find((key) => !isColumn(table, key));
    if (gone !== undefined) throw columnNotMigratedTo(name, gone)();
    filled.push({ table, isMade: bookkeeping === 'made' });
    if (bookkeeping === undefined) rows += expected;
  }
  return { tables: filled, rows, warnings: [...warnings, ...(await newerMigrations(session, live, content))] };
}

const isColumn = ({ columns }: Table, key: string) =>
  columns.some(({ name, isGenerated }) => name === key && !isGenerated);

const bookkeepingOf = (name: string, live: readonly SchemaObject[], { schema }: Content) =>
  [...live, ...schema]
    .filter((object) => object.type === 'table' && object.name === name)
    .map(postgresCodec.bookkeepingOf)[0];

const hasRows = async (session: Session, table: Table) =>
  (await session.query(`SELECT FROM ONLY ${qualified(table)} LIMIT 1`)).length > 0;

/** Said where a tool for migrations did more to these tables than it had when the backup was made. */
async function newerMigrations(session: Session, live: readonly SchemaObject[], content: Saved): Promise<string[]> {
  for (const object of live) {
    const saved = content.data.get(object.name);
    if (object.type !== 'table' || saved === undefined || postgresCodec.bookkeepingOf(object) !== 'ledger') continue;
    const [[count = '0'] = []] = await session.query(`SELECT count(*) FROM ONLY ${qualified(namedBy(object.name))}`);
    if (Number(count) > rowCount(saved))
      return ['migrations that ran after this backup was made changed the tables, but not the rows that came back'];
  }
  return [];
}

/** Puts the rows in, in a transaction that is open and that holds the tables. */
export async function fillIn(
  session: Session,
  target: RestoreTarget,
  filling: Filling,
  content: Saved,
  surveyed: ReadonlyMap<string, Surveyed>,
  slices: SliceSource,
  onRows: (rows: number) => void,
  live: readonly SchemaObject[],
): Promise<void> {
  const suspended = await suspend(
    session,
    target.label,
    filling.tables.map(({ table }) => table),
  );
  for (const { table, isMade } of filling.tables)
    if (isMade) await session.query(`DELETE FROM ONLY ${qualified(table)}`);
  for (const { table } of filling.tables) {
    const found = surveyed.get(table.key);
    if (found !== undefined) await loadRows(session, table.key, found, slices, onRows);
  }
  await suspended.resume(() => refresh(session, live));
  await setSequences(session, content, slices, 'forward');
}
