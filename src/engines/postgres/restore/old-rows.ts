import type { LeftOut } from '../../../core/privacy/left-out.ts';
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
}

/** How what is laid aside comes into a table of that name beside the new ones: from the same database, or from another. */
export type LayAside = (aside: string, table: Table, columns: readonly string[], where: string) => Promise<void>;

/**
 * Lays aside what a restore must not take away: columns that are left out, rows that do not meet the condition of a backup's, and of `emptied`
 * tables all rows. Rows are told by their key alone: without one nobody can say which is which, and a secret must not come to another's row.
 */
export async function layAside(
  leftOut: LeftOut,
  tables: readonly Table[],
  emptied: readonly string[],
  lay: LayAside,
): Promise<Laid[]> {
  const laid: Laid[] = [];
  const byKey = new Map(tables.map((table) => [table.key, table]));
  const add = async (what: Laid['what'], table: Table, wanted: readonly string[], where: string) => {
    const aside = `pg_temp.${quoted(`overwinter_${laid.length}`)}`;
    const there = wanted.filter((name) => table.columns.some((column) => column.name === name && !column.isGenerated));
    const key = keyColumns(table);
    const columns = [...new Set([...(what === 'columns' ? key : []), ...there])];
    await lay(aside, table, columns, where);
    laid.push({ what, table: table.key, aside, columns: there, key });
  };
  const allOf = (table: Table) => table.columns.map(({ name }) => name);
  for (const name of emptied) {
    const table = byKey.get(name);
    if (table?.holdsRows === true) await add('rows', table, allOf(table), 'true');
  }
  for (const [name, condition] of Object.entries(leftOut.included ?? {})) {
    const table = byKey.get(name);
    if (table !== undefined && keyColumns(table).length > 0)
      await add('rows', table, allOf(table), `(${condition}) IS NOT TRUE`);
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
  async (aside, table, columns, where) => {
    await session.query(
      `CREATE TEMP TABLE ${aside} ON COMMIT DROP AS SELECT ${columns.map(quoted).join(', ')} FROM ONLY ${qualified(table)} WHERE ${where}`,
    );
  };

/** From another, whose tables `live` sees; the table of the same name here says of which types the columns are. */
export const layFrom =
  (live: Session, session: Session): LayAside =>
  async (aside, table, columns, where) => {
    const names = columns.map(quoted).join(', ');
    await session.query(
      `CREATE TEMP TABLE ${aside} ON COMMIT DROP AS SELECT ${names} FROM ${qualified(table)} WITH NO DATA`,
    );
    const rows = live.copyOut(`COPY (SELECT ${names} FROM ONLY ${qualified(table)} WHERE ${where}) TO STDOUT`);
    await session.copyIn(`COPY ${aside} FROM STDIN`, rows);
  };

/** Brings back what was laid aside, as far as the tables that are there now have a place for it. A row that came with the backup stays as it came. */
export async function bringBack(session: Session, laid: readonly Laid[]): Promise<void> {
  for (const { what, table, aside, columns, key } of laid) {
    const now = await columnsOf(session, table);
    const shared = columns.filter((name) => now.includes(name));
    if (shared.length === 0 || (what === 'columns' && !key.every((name) => now.includes(name)))) continue;
    const names = shared.map(quoted);
    const into = qualified(namedBy(table));
    if (what === 'rows')
      await session.query(
        `INSERT INTO ${into} (${names.join(', ')}) OVERRIDING SYSTEM VALUE SELECT ${names.join(', ')} FROM ${aside} ON CONFLICT DO NOTHING`,
      );
    else
      await session.query(
        `UPDATE ONLY ${into} AS new SET ${names.map((name) => `${name} = old.${name}`).join(', ')} FROM ${aside} AS old
         WHERE ${key.map((name) => `new.${quoted(name)} = old.${quoted(name)}`).join(' AND ')}`,
      );
  }
}

async function columnsOf(session: Session, table: string): Promise<string[]> {
  const rows = await session.query(`SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = to_regclass(${literal(qualified(namedBy(table)))}) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''`);
  return rows.map(([name]) => name ?? '');
}
