import { entryOf, type LeftOut } from '../../../core/privacy/left-out.ts';
import { valuesLost } from '../../values-lost.ts';
import type { Session } from '../driver.ts';
import { literal, namedBy, qualified, quoted } from '../names.ts';
import { keyColumns } from '../rows-sql.ts';
import type { Table } from '../tables.ts';

/** Rows, or parts of rows, that backups leave out, laid aside from a database whose tables are about to be emptied or to go. */
export interface Laid {
  readonly what: 'columns' | 'rows';
  readonly table: string;
  /** Where they lie, as SQL. */
  readonly aside: string;
  readonly columns: readonly string[];
  /** The columns that tell which row is which; for `columns` there are some. */
  readonly key: readonly string[];
  /** Of rows without a key that are laid aside numbered: the columns of which rows that look the same are numbered together. */
  readonly seen?: readonly string[];
}

/** How what is laid aside comes into a table of that name beside the new ones: from the same database, or from another. */
export type LayAside = (
  aside: string,
  table: Table,
  columns: readonly string[],
  where: string,
  seen: readonly string[] | undefined,
) => Promise<void>;

const NTH = quoted('overwinter nth');
const LACKS = quoted('overwinter lacks');

/** As text: not every type has an equality. */
const looksOf = (seen: readonly string[]) => `ROW(${seen.map(quoted).join(', ')})::text`;

/** The rows to lay aside. Those that look the same to a backup are numbered, behind those that it may have. */
function chosen(table: Table, columns: readonly string[], where: string, seen: readonly string[] | undefined): string {
  const names = columns.map(quoted).join(', ');
  if (seen === undefined) return `SELECT ${names} FROM ONLY ${qualified(table)} WHERE ${where}`;
  return `SELECT ${[...columns.map(quoted), NTH].join(', ')} FROM (
    SELECT *, row_number() OVER (PARTITION BY ${looksOf(seen)} ORDER BY ${LACKS}) AS ${NTH} FROM (
      SELECT *, ${where} AS ${LACKS} FROM ONLY ${qualified(table)}) AS found) AS numbered WHERE ${LACKS}`;
}

/**
 * Lays aside what a restore must not take away: columns that are left out, rows that do not meet the condition of a backup's, and of `emptied`
 * tables all rows. Values are told by their row's key alone: without one nobody can say which is which, and a secret must not come to another's row.
 */
export async function layAside(
  leftOut: LeftOut,
  tables: readonly Table[],
  emptied: readonly string[],
  lay: LayAside,
): Promise<Laid[]> {
  const laid: Laid[] = [];
  const byKey = new Map(tables.map((table) => [table.key, table]));
  const add = async (
    what: Laid['what'],
    table: Table,
    wanted: readonly string[],
    where: string,
    seen?: readonly string[],
  ) => {
    const aside = `pg_temp.${quoted(`overwinter_${laid.length}`)}`;
    const there = wanted.filter((name) => table.columns.some((column) => column.name === name && !column.isGenerated));
    const key = keyColumns(table);
    const columns = [...new Set([...(what === 'columns' ? key : []), ...there])];
    await lay(aside, table, columns, where, seen);
    laid.push({ what, table: table.key, aside, columns: there, key, ...(seen === undefined ? {} : { seen }) });
  };
  const allOf = (table: Table) => table.columns.map(({ name }) => name);
  for (const name of emptied) {
    const table = byKey.get(name);
    if (table?.holdsRows === true) await add('rows', table, allOf(table), 'true');
  }
  for (const [name, condition] of Object.entries(leftOut.included ?? {})) {
    const table = byKey.get(name);
    if (table === undefined) continue;
    const redacted = entryOf(leftOut.redacted, name) ?? [];
    const stored = table.columns.filter(({ isGenerated }) => !isGenerated).map((column) => column.name);
    const seen = keyColumns(table).length > 0 ? undefined : stored.filter((column) => !redacted.includes(column));
    await add('rows', table, allOf(table), `(${condition}) IS NOT TRUE`, seen);
  }
  for (const [name, columns] of Object.entries(leftOut.redacted ?? {})) {
    const table = byKey.get(name);
    if (table !== undefined && keyColumns(table).length > 0) await add('columns', table, columns, 'true');
  }
  return laid;
}

/** From the same database. */
export const layHere =
  (session: Session): LayAside =>
  async (aside, table, columns, where, seen) => {
    await session.query(`CREATE TEMP TABLE ${aside} ON COMMIT DROP AS ${chosen(table, columns, where, seen)}`);
  };

/** From another, whose tables `live` sees; the table of the same name here says of which types the columns are. */
export const layFrom =
  (live: Session, session: Session): LayAside =>
  async (aside, table, columns, where, seen) => {
    const names = columns.map(quoted).join(', ');
    await session.query(
      `CREATE TEMP TABLE ${aside} ON COMMIT DROP AS SELECT ${names} FROM ${qualified(table)} WITH NO DATA`,
    );
    if (seen !== undefined) await session.query(`ALTER TABLE ${aside} ADD COLUMN ${NTH} bigint`);
    const rows = live.copyOut(`COPY (${chosen(table, columns, where, seen)}) TO STDOUT`);
    await session.copyIn(`COPY ${aside} FROM STDIN`, rows);
  };

/** Brings back what was laid aside, as far as the tables that are there now have a place for it. A row that came with the backup stays as it came. */
export async function bringBack(session: Session, laid: readonly Laid[]): Promise<void> {
  for (const { what, table, aside, columns, key, seen } of laid) {
    const now = await columnsOf(session, table);
    const shared = columns.filter((name) => now.includes(name));
    if (shared.length === 0 || (what === 'columns' && !key.every((name) => now.includes(name)))) continue;
    const names = shared.map(quoted);
    const into = qualified(namedBy(table));
    if (what === 'rows')
      await session.query(
        `INSERT INTO ${into} (${names.join(', ')}) OVERRIDING SYSTEM VALUE SELECT ${names.join(', ')} FROM ${aside}${seen?.every((name) => now.includes(name)) ? notCome(into, seen) : ''} ON CONFLICT DO NOTHING`,
      );
    else
      await session.query(
        `UPDATE ONLY ${into} AS new SET ${names.map((name) => `${name} = old.${name}`).join(', ')} FROM ${aside} AS old
         WHERE ${key.map((name) => `new.${quoted(name)} = old.${quoted(name)}`).join(' AND ')}`,
      );
  }
}

/**
 * A condition may ask for the time, or for what is left out: then it holds no longer for rows that came with the backup. So of rows that look
 * the same to it, as many are left where they are as came with it.
 */
const notCome = (into: string, seen: readonly string[]) =>
  ` LEFT JOIN (SELECT ${looksOf(seen)} AS "overwinter came", count(*) AS "overwinter rows" FROM ONLY ${into} GROUP BY 1) AS new
    ON "overwinter came" = ${looksOf(seen)} WHERE ${NTH} > coalesce("overwinter rows", 0)`;

/** What is said of values that are there, and that nobody can bring back to their rows. */
export async function notBroughtBack(session: Session, leftOut: LeftOut, tables: readonly Table[]): Promise<string[]> {
  const notes: string[] = [];
  for (const table of tables) {
    const redacted = entryOf(leftOut.redacted, table.key) ?? [];
    const columns = redacted.filter((name) => table.columns.some((column) => column.name === name));
    if (!table.holdsRows || columns.length === 0 || keyColumns(table).length > 0) continue;
    const has = columns.map((name) => `${quoted(name)} IS NOT NULL`).join(' OR ');
    const found = await session.query(`SELECT 1 FROM ONLY ${qualified(table)} WHERE ${has} LIMIT 1`);
    if (found.length > 0) notes.push(valuesLost(table.key, columns));
  }
  return notes;
}

async function columnsOf(session: Session, table: string): Promise<string[]> {
  const rows = await session.query(`SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = to_regclass(${literal(qualified(namedBy(table)))}) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''`);
  return rows.map(([name]) => name ?? '');
}
