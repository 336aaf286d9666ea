import { reasonOf } from '../../../core/errors.ts';
import { conditionUnclear, parentsMissing } from '../../../core/problems/some-rows.ts';
import { count } from '../../../core/words.ts';
import type { RowsWanted } from '../../engine.ts';
import { isSameName } from '../names.ts';
import type { Db } from '../open.ts';
import { joined } from '../rows.ts';
import { quoted } from '../schema.ts';
import { isOfTheFile } from '../sqlite-problem.ts';
import { among, changing, coming, going, idsOf, inBackup, inDatabase, of, same } from './kept.ts';
import { asCondition, WANTED } from './source.ts';
import type { Shape } from './wanted-tables.ts';

export interface Counts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** Works out which rows come, change and go. Throws USAGE for a condition that cannot be asked, ROWS_REFERENCED for rows that are needed besides. */
export function plan(db: Db, shapes: readonly Shape[], wanted: RowsWanted): Map<Shape, Counts> {
  for (const shape of shapes) planTable(db, shape, wanted);
  const parents = addParents(db, shapes).map(({ shape: { table }, rows }) =>
    count(rows, `row of ${table.name}`, `rows of ${table.name}`),
  );
  if (parents.length > 0 && !wanted.withParents) throw parentsMissing(parents.join(', '))();
  return new Map(shapes.map((shape) => [shape, countsOf(db, shape)]));
}

function countsOf(db: Db, shape: Shape): Counts {
  const rows = (table: string) => Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  return { added: rows(coming(shape)), changed: rows(changing(shape)), removed: rows(going(shape)) };
}

function planTable(db: Db, shape: Shape, { where, exact }: RowsWanted): void {
  const make = (table: string, select: string) => db.exec(`CREATE TABLE ${table} AS SELECT ${select}`);
  const { key, isAsked } = shape;
  const [theirs, ours] = [`${inBackup(shape)} AS s`, `${inDatabase(shape)} AS m`];
  const isWanted = conjunction(
    isAsked ? '1' : '0',
    isAsked && where !== undefined ? among('s', shape, `saved.${quoted(WANTED)}`, 'i') : '1',
  );
  const mayGo = conjunction(
    isAsked && exact ? '1' : '0',
    isAsked && exact && where !== undefined ? chosenHere(db, shape, where) : '1',
  );
  const pair = key.length === 0 ? '0' : same(of('m', key), of('s', key));
  const isNew = conjunction(isWanted, hasKey('s', shape), `NOT EXISTS (SELECT 1 FROM ${ours} WHERE ${pair})`);
  const isGone = conjunction(mayGo, hasKey('m', shape), `NOT EXISTS (SELECT 1 FROM ${theirs} WHERE ${pair})`);
  make(coming(shape), `${idsOf('s', shape, 'i')} FROM ${theirs} WHERE ${isNew}`);
  make(
    changing(shape),
    `${idsOf('s', shape, 'i')}, ${idsOf('m', shape, 'j')} FROM ${theirs} JOIN ${ours} ON ${pair}
      WHERE ${isWanted} AND (${differs(shape)})`,
  );
  make(going(shape), `${idsOf('m', shape, 'j')} FROM ${ours} WHERE ${isGone}`);
  if (isAsked) planRowsWithoutKey(db, shape, isWanted, mayGo);
}

const conjunction = (...terms: readonly string[]) => `(${terms.map((term) => `(${term})`).join(' AND ')})`;

/** Several rows may have no value in a column of their key: SQLite lets them. */
function hasKey(row: string, { key }: Shape): string {
  return key.length === 0 ? '0' : conjunction(...of(row, key).map((column) => `${column} IS NOT NULL`));
}

/** To the letter: neither a collation nor the kinds of numbers make two values one. */
function differs({ compared }: Shape): string {
  const terms = compared.map(
    (name) => `(m.${name} IS NOT s.${name} COLLATE BINARY OR typeof(m.${name}) <> typeof(s.${name}))`,
  );
  return terms.length === 0 ? '0' : joined(terms, 'OR');
}

/** Of the rows that are here, those that meet the condition. */
function chosenHere(db: Db, shape: Shape, where: string): string {
  const table = `temp."overwinter chosen ${shape.at}"`;
  const ids = shape.ids.map((id, at) => `${id} AS j${at}`).join(', ');
  try {
    db.prepare(`CREATE TABLE ${table} AS SELECT ${ids} FROM ${inDatabase(shape)} WHERE ${asCondition(where)}`).run();
  } catch (error) {
    if (isOfTheFile(error)) throw error;
    throw conditionUnclear(shape.table.name, reasonOf(error))(error);
  }
  return among('m', shape, table, 'j');
}

/** Rows without a key are told by all their values. Of rows that are alike it is their number that counts. */
function planRowsWithoutKey(db: Db, shape: Shape, isWanted: string, mayGo: string): void {
  const sides = [
    { row: 's', as: 'i', from: inBackup(shape), table: `temp."overwinter values then ${shape.at}"` },
    { row: 'm', as: 'j', from: inDatabase(shape), table: `temp."overwinter values now ${shape.at}"` },
  ] as const;
  for (const { row, as, from, table } of sides) {
    db.exec(`CREATE TABLE ${table} AS SELECT *, row_number() OVER (PARTITION BY v) AS n FROM
      (SELECT ${idsOf(row, shape, as)}, ${valuesOf(row, shape)} AS v FROM ${from} AS ${row} WHERE NOT ${hasKey(row, shape)})`);
    db.exec(
      `CREATE INDEX ${table.replace('"overwinter', '"overwinter index of')} ON ${table.slice('temp.'.length)}(v, n)`,
    );
  }
  const [then, now] = sides;
  const without = (side: typeof then | typeof now, other: typeof then | typeof now) =>
    `SELECT ${shape.ids.map((_, at) => `a.${side.as}${at}`).join(', ')} FROM ${side.table} AS a
      WHERE NOT EXISTS (SELECT 1 FROM ${other.table} AS b WHERE b.v = a.v AND b.n = a.n)`;
  const narrowed = (side: typeof then | typeof now, other: typeof then | typeof now, condition: string) =>
    `SELECT ${idsOf(side.row, shape, side.as)} FROM ${side.from} AS ${side.row}
      WHERE (${of(side.row, shape.ids).join(', ')}) IN (${without(side, other)}) AND ${condition}`;
  db.exec(`INSERT INTO ${coming(shape)} ${narrowed(then, now, isWanted)}`);
  db.exec(`INSERT INTO ${going(shape)} ${narrowed(now, then, mayGo)}`);
}

/** All values of a row as one text, exactly. */
function valuesOf(row: string, { compared }: Shape): string {
  const terms = of(row, compared).map(
    (each) =>
      `CASE typeof(${each}) WHEN 'text' THEN 't' || hex(${each}) WHEN 'blob' THEN 'b' || hex(${each}) ELSE quote(${each}) END`,
  );
  return terms.length === 0 ? "''" : joined(terms, "|| ',' ||");
}

/** Rows that those which come or change point to, and that are neither here nor coming: they come too, with those that they point to. */
function addParents(db: Db, shapes: readonly Shape[]): { shape: Shape; rows: number }[] {
  const added = new Map<Shape, number>();
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const child of shapes) {
      for (const key of child.foreignKeys) {
        const parent = shapes.find(({ table }) => isSameName(table.name, key[0]?.parent ?? ''));
        if (
          parent === undefined ||
          !key.every(({ to }) => parent.stored.some((each) => isSameName(each, quoted(to ?? ''))))
        )
          continue;
        const to = key.map((column) => quoted(column.to));
        const from = of(
          'c',
          key.map((column) => quoted(column.from)),
        );
        const isComing = `${among('c', child, coming(child), 'i')} OR ${among('c', child, changing(child), 'i')}`;
        const isHere = `EXISTS (SELECT 1 FROM ${inDatabase(parent)} AS m WHERE ${same(of('m', to), from)})`;
        const { changes } = db
          .prepare(
            `INSERT INTO ${coming(parent)} SELECT DISTINCT ${idsOf('s', parent, 'i')}
              FROM ${inBackup(child)} AS c JOIN ${inBackup(parent)} AS s ON ${same(of('s', to), from)}
              WHERE (${isComing}) AND NOT ${isHere} AND NOT ${among('s', parent, coming(parent), 'i')}`,
          )
          .run();
        if (changes === 0) continue;
        added.set(parent, (added.get(parent) ?? 0) + changes);
        isMore = true;
      }
    }
  }
  return [...added].map(([shape, rows]) => ({ shape, rows }));
}
