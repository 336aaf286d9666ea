import { reasonOf } from '../../../core/errors.ts';
import { rowsInConflict, rowsInConflictSomehow } from '../../../core/problems/some-rows.ts';
import { codeOf } from '../../../core/system-error.ts';
import type { Session } from '../driver.ts';
import { literal, qualified, quoted } from '../names.ts';
import type { Column } from '../tables.ts';
import { changing, coming, going, live, make, merged, namesOf, of, saved } from './aside.ts';
import type { Counts } from './plan.ts';
import type { Shape } from './wanted-tables.ts';

/**
 * Does what was planned. What changes goes and comes again, all of a table at once, so that two rows may exchange a value that must be one row's
 * alone. Throws ROWS_IN_CONFLICT.
 */
export async function apply(session: Session, planned: ReadonlyMap<Shape, Counts>): Promise<void> {
  for (const shape of planned.keys()) await merge(session, shape);
  for (const [shape, { changed, removed }] of planned)
    mustBe(shape, await remove(session, shape), changed + removed, 'went');
  for (const [shape, { added, changed }] of planned)
    mustBe(shape, await insertOrName(session, shape), added + changed, 'came');
}

/** What was counted is what was said, and may have been asked about. */
function mustBe({ table }: Shape, rows: number, expected: number, what: string): void {
  if (rows !== expected) throw rowsInConflictSomehow(table.key, `${rows} of ${expected} rows ${what}`)();
}

/** Rows as they will be: the backup's values, and the database's own where the backup has none. */
async function merge(session: Session, shape: Shape): Promise<void> {
  const columns = shape.stored.map(
    (column) => `${shape.compared.includes(column) ? 's' : 'm'}.${quoted(column.name)} AS ${quoted(column.name)}`,
  );
  await session.query(
    make(
      merged(shape),
      `SELECT ${columns.join(', ')} FROM ${changing(shape)} AS k JOIN ${saved(shape)} AS s ON s.ctid = k.i JOIN ${live(shape)} AS m ON m.ctid = k.j`,
    ),
  );
}

const changed = async (session: Session, sql: string): Promise<number> => {
  const [[rows = '0'] = []] = await session.query(`WITH changed AS (${sql} RETURNING 1) SELECT count(*) FROM changed`);
  return Number(rows);
};

const remove = (session: Session, shape: Shape) =>
  changed(
    session,
    `DELETE FROM ${live(shape)} AS m USING (SELECT j FROM ${changing(shape)} UNION ALL SELECT j FROM ${going(shape)}) AS k WHERE m.ctid = k.j`,
  );

/** Both kinds at once, as the server compares them with each other, too. */
async function insertOrName(session: Session, shape: Shape): Promise<number> {
  const { table, stored, inserted } = shape;
  const put = (columns: readonly Column[], from: string) =>
    `INSERT INTO ${qualified(shape.table)} (${namesOf(columns)}) OVERRIDING SYSTEM VALUE SELECT ${of('s', columns).join(', ')} FROM ${from} AS s`;
  await session.query('SAVEPOINT coming');
  try {
    const again = stored.length === 0 ? 0 : await changed(session, put(stored, merged(shape)));
    const isComing = `WHERE s.ctid IN (SELECT i FROM ${coming(shape)})`;
    const all = inserted.length === 0 ? await defaults(session, shape) : 0;
    return (
      again + all + (inserted.length === 0 ? 0 : await changed(session, `${put(inserted, saved(shape))} ${isComing}`))
    );
  } catch (error) {
    if (!/^23/.test(codeOf(error))) throw error;
    await session.query('ROLLBACK TO SAVEPOINT coming');
    throw await conflict(session, shape, error).catch(() => rowsInConflictSomehow(table.key, reasonOf(error))(error));
  }
}

/** Rows of a table that has no columns of its own to be saved. */
async function defaults(session: Session, shape: Shape): Promise<number> {
  let rows = 0;
  const all = await session.query(`SELECT FROM ${coming(shape)}`);
  for (const _ of all) rows += await changed(session, `INSERT INTO ${qualified(shape.table)} DEFAULT VALUES`);
  return rows;
}

/** Names the two rows that cannot both be, where columns alone say so. */
async function conflict(session: Session, { table, ...shape }: Shape, error: unknown): Promise<Error> {
  const whole: Shape = { table, ...shape };
  const columns = await columnsOf(session, whole, error);
  if (columns.length === 0) return rowsInConflictSomehow(table.key, withDetail(error))(error);
  const told = shape.key.length > 0 ? shape.key : columns;
  const words = (row: string) =>
    told.map(({ name }) => `${literal(`${name}=`)} || concat(${row}.${quoted(name)})`).join(" || ' ' || ");
  const pair = columns.map(({ name }) => `m.${quoted(name)} = s.${quoted(name)}`).join(' AND ');
  const [row] = await session.query(
    `SELECT ${words('s')}, ${words('m')} FROM ${saved(whole)} AS s JOIN ${live(whole)} AS m ON ${pair}
     WHERE s.ctid IN (SELECT i FROM ${coming(whole)} UNION ALL SELECT i FROM ${changing(whole)}) LIMIT 1`,
  );
  if (row === undefined) return rowsInConflictSomehow(table.key, withDetail(error))(error);
  const [theirs, ours] = row;
  return rowsInConflict(table.key, columns.map(({ name }) => name).join(' and '), `${theirs}`, `${ours}`)(error);
}

/** The columns that a broken index is over, where it is over columns that the backup has, and nothing else. */
async function columnsOf(session: Session, { table, inserted }: Shape, error: unknown): Promise<Column[]> {
  const name = error instanceof Error && 'constraint' in error ? error.constraint : undefined;
  if (codeOf(error) !== '23505' || typeof name !== 'string') return [];
  const rows =
    await session.query(`SELECT a.attname FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_namespace n ON n.oid = x.relnamespace
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, at) LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE x.relname = ${literal(name)} AND n.nspname = ${literal(table.schema)} AND k.at <= i.indnkeyatts ORDER BY k.at`);
  const columns = rows.map(([column]) => inserted.find((each) => each.name === column));
  return columns.flatMap((column) => column ?? []).length === columns.length
    ? columns.flatMap((column) => column ?? [])
    : [];
}

const withDetail = (error: unknown): string =>
  error instanceof Error && 'detail' in error && typeof error.detail === 'string'
    ? `${reasonOf(error)} (${error.detail.replace(/\.$/, '')})`
    : reasonOf(error);
