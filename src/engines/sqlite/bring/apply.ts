import { reasonOf } from '../../../core/errors.ts';
import { rowsInConflict, rowsInConflictSomehow } from '../../../core/problems/some-rows.ts';
import { codeOf } from '../../../core/system-error.ts';
import type { Db } from '../open.ts';
import { quoted } from '../schema.ts';
import { among, changing, coming, going, idsOf, inBackup, inDatabase, of, same } from './kept.ts';
import type { Counts } from './plan.ts';
import type { Shape } from './wanted-tables.ts';

const merged = ({ at }: Shape) => `temp."overwinter merged ${at}"`;

/**
 * Does what was planned. What changes goes and comes again, all of a table at once, so that two rows may exchange a value that must be one row's
 * alone. Throws ROWS_IN_CONFLICT.
 */
export function apply(db: Db, planned: ReadonlyMap<Shape, Counts>): void {
  for (const shape of planned.keys()) merge(db, shape);
  for (const [shape, { changed, removed }] of planned) mustBe(shape, remove(db, shape), changed + removed, 'went');
  for (const [shape, { added, changed }] of planned) mustBe(shape, insertOrName(db, shape), added + changed, 'came');
}

/** What was counted is what was said, and may have been asked about. */
function mustBe({ table }: Shape, rows: number, expected: number, what: string): void {
  if (rows !== expected) throw rowsInConflictSomehow(table.name, `${rows} of ${expected} rows ${what}`)();
}

function insertOrName(db: Db, shape: Shape): number {
  try {
    return insert(db, shape);
  } catch (error) {
    throw conflict(db, shape, error);
  }
}

/** Stands beside the table's own columns, and no column is called so. */
const NUMBER = '"overwinter number of the row"';

/** Rows as they will be: the backup's values, and the database's own where the backup has none. */
function merge(db: Db, shape: Shape): void {
  const columns = shape.stored.map((name) => `${shape.compared.includes(name) ? 's' : 'm'}.${name} AS ${name}`);
  const kept = (as: string) => shape.ids.map((_, at) => `k.${as}${at}`);
  const number = shape.table.hiddenRowid ? [`k.j0 AS ${NUMBER}`] : [];
  db.exec(`CREATE TABLE ${merged(shape)} AS SELECT ${[...number, ...columns].join(', ')}
    FROM ${changing(shape)} AS k
    JOIN ${inBackup(shape)} AS s ON ${same(of('s', shape.ids), kept('i'))}
    JOIN ${inDatabase(shape)} AS m ON ${same(of('m', shape.ids), kept('j'))}`);
}

function remove(db: Db, shape: Shape): number {
  const isGoing = `${among('m', shape, changing(shape), 'j')} OR ${among('m', shape, going(shape), 'j')}`;
  return db.prepare(`DELETE FROM ${inDatabase(shape)} AS m WHERE ${isGoing}`).run().changes;
}

/** A table may say that a row drives another one out, or is passed over in silence: `OR ABORT` says otherwise. */
function insert(db: Db, shape: Shape): number {
  const { table, stored, inserted } = shape;
  const number = table.hiddenRowid && table.rowid !== undefined ? [table.rowid] : [];
  const put = (columns: readonly string[], select: string) =>
    db.prepare(`INSERT OR ABORT INTO ${inDatabase(shape)}(${columns.join(', ')}) SELECT ${select}`).run().changes;
  const values = stored.join(', ');
  const again = put(
    [...number, ...stored],
    `${[...number.map(() => NUMBER), values].join(', ')} FROM ${merged(shape)}`,
  );
  const rows = `FROM ${inBackup(shape)} AS s WHERE ${among('s', shape, coming(shape), 'i')}`;
  const theirs = of('s', inserted).join(', ');
  if (number.length === 0) return again + put(inserted, `${theirs} ${rows}`);
  // A number that nobody sees is kept where it is free; the others get new ones.
  const free = `temp."overwinter free ${shape.at}"`;
  const isTaken = `EXISTS (SELECT 1 FROM ${inDatabase(shape)} AS m WHERE ${same(of('m', number), of('s', number))})`;
  db.exec(`CREATE TABLE ${free} AS SELECT ${idsOf('s', shape, 'i')} ${rows} AND NOT ${isTaken}`);
  const isFree = among('s', shape, free, 'i');
  const numbered = put([...number, ...inserted], `${[...of('s', number), theirs].join(', ')} ${rows} AND ${isFree}`);
  return again + numbered + put(inserted, `${theirs} ${rows} AND NOT ${isFree}`);
}

/** Names the two rows that cannot both be, where columns alone say so. */
function conflict(db: Db, shape: Shape, error: unknown): unknown {
  if (!codeOf(error).startsWith('SQLITE_CONSTRAINT')) return error;
  const [, list] = /^UNIQUE constraint failed: (.*)$/s.exec(reasonOf(error)) ?? [];
  const { name } = shape.table;
  const columns = list?.split(', ').map((each) => quoted(each.slice(name.length + 1))) ?? [];
  if (columns.length === 0 || !columns.every((each) => shape.stored.includes(each)))
    return rowsInConflictSomehow(name, reasonOf(error))(error);
  const found = pairWith(db, shape, columns);
  if (found === undefined) return rowsInConflictSomehow(name, reasonOf(error))(error);
  const words = columns.map((each) => each.slice(1, -1)).join(' and ');
  return rowsInConflict(name, words, found.theirs, found.ours)(error);
}

function pairWith(db: Db, shape: Shape, columns: readonly string[]): { theirs: string; ours: string } | undefined {
  const told = shape.key.length > 0 ? shape.key : shape.ids;
  const words = (row: string) =>
    told
      .map((name) => `'${name.replace(/^"|"$/g, '').replaceAll("'", "''")}=' || quote(${row}.${name})`)
      .join(` || ' ' || `);
  const pair = same(of('m', columns), of('s', columns));
  const from = (theirs: string) =>
    db
      .prepare<[], { theirs: string; ours: string }>(
        `SELECT ${words('s')} AS theirs, ${words('m')} AS ours FROM ${theirs} JOIN ${inDatabase(shape)} AS m ON ${pair} LIMIT 1`,
      )
      .get();
  const isComing = among('s', shape, coming(shape), 'i');
  const isChanging = among('s', shape, changing(shape), 'i');
  return from(`(SELECT * FROM ${inBackup(shape)} AS s WHERE ${isComing} OR ${isChanging}) AS s`);
}
