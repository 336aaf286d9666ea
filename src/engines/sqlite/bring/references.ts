import { rowsStillReferenced } from '../../../core/problems/some-rows.ts';
import { count } from '../../../core/words.ts';
import { foreignKeysOf } from '../dangling.ts';
import { fold, isSameName } from '../names.ts';
import type { Db } from '../open.ts';
import { quoted, readTables, type Table } from '../schema.ts';
import { among, changing, going, of, same } from './kept.ts';
import type { Counts } from './plan.ts';
import type { Shape } from './wanted-tables.ts';

/** A foreign key that may point nowhere afterwards. */
interface Check {
  readonly at: number;
  readonly child: Table;
  readonly parent: Table;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ids: readonly string[];
}

/**
 * Looks which rows point nowhere before anything is done. What is returned is called afterwards: it throws ROWS_REFERENCED where rows that are here
 * lost what they point to, and says of which rows of the backup that was so already.
 */
export function watchReferences(db: Db, counts: ReadonlyMap<Shape, Counts>): () => string[] {
  const checks = checksFor(db, counts);
  for (const check of checks) {
    db.exec(`CREATE TABLE ${loose(check)} AS SELECT ${ids(check)} FROM ${dangling(check)}`);
    const shape = shapeFor(counts, check.parent);
    const to = check.to.map((name, at) => `m.${name} AS t${at}`).join(', ');
    const gone =
      shape === undefined
        ? '0'
        : `${among('m', shape, going(shape), 'j')} OR ${among('m', shape, changing(shape), 'j')}`;
    db.exec(`CREATE TABLE ${lost(check)} AS SELECT ${to} FROM main.${quoted(check.parent.name)} AS m WHERE ${gone}`);
  }
  return () => checks.flatMap((check) => compare(db, check));
}

const loose = ({ at }: Check) => `temp."overwinter loose ${at}"`;
const lost = ({ at }: Check) => `temp."overwinter lost ${at}"`;
const ids = ({ ids }: Check) =>
  of('c', ids)
    .map((id, at) => `${id} AS j${at}`)
    .join(', ');
const shapeFor = (counts: ReadonlyMap<Shape, Counts>, { name }: Table) =>
  [...counts.keys()].find(({ table }) => table.name === name);

/** Rows of the child that point nowhere. */
function dangling({ child, parent, from, to }: Check): string {
  const points = of('c', from).map((column) => `${column} IS NOT NULL`);
  return `main.${quoted(child.name)} AS c WHERE ${points.join(' AND ')}
    AND NOT EXISTS (SELECT 1 FROM main.${quoted(parent.name)} AS p WHERE ${same(of('p', to), of('c', from))})`;
}

function compare(db: Db, check: Check): string[] {
  const fresh = `${dangling(check)} AND NOT ${among('c', check, loose(check), 'j')}`;
  const rowsIn = (from: string) => Number(db.prepare(`SELECT count(*) FROM ${from}`).pluck().get());
  const lostTheirs = same(
    check.to.map((_, at) => `l.t${at}`),
    of('c', check.from),
  );
  const orphaned = rowsIn(`${fresh} AND EXISTS (SELECT 1 FROM ${lost(check)} AS l WHERE ${lostTheirs})`);
  const [child, parent] = [check.child.name, check.parent.name];
  if (orphaned > 0) throw rowsStillReferenced(parent, child, count(orphaned, 'row'))();
  const rows = rowsIn(fresh);
  return rows === 0
    ? []
    : [
        `${count(rows, 'row')} of ${child} ${rows === 1 ? 'points' : 'point'} to rows of ${parent} that neither the backup nor the database has`,
      ];
}

function checksFor(db: Db, counts: ReadonlyMap<Shape, Counts>): Check[] {
  const tables = readTables(db);
  const touched = (name: string, how: (counts: Counts) => number) =>
    [...counts].some(([{ table }, each]) => isSameName(table.name, name) && how(each) > 0);
  const checks: Check[] = [];
  for (const child of tables) {
    const key = db
      .prepare<[string], string>('SELECT name FROM temp.pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk')
      .pluck()
      .all(child.name);
    const number = child.hiddenRowid ? child.rowid : child.rowid && quoted(child.rowid);
    const ids = number === undefined ? key.map(quoted) : [number];
    for (const columns of foreignKeysOf(db, child.name)) {
      const parent = tables.find(({ name }) => fold(name) === fold(columns[0]?.parent ?? ''));
      const isThere = columns.every(({ to }) => parent?.columns.some(({ name }) => isSameName(name, to ?? '')));
      const concerns =
        touched(child.name, ({ added, changed }) => added + changed) ||
        touched(parent?.name ?? '', ({ changed, removed }) => changed + removed);
      // A key whose parent has no such column points to nothing anyway.
      if (parent === undefined || !isThere || !concerns || ids.length === 0) continue;
      const [from, to] = [columns.map((each) => quoted(each.from)), columns.map((each) => quoted(each.to))];
      checks.push({ at: checks.length, child, parent, from, to, ids });
    }
  }
  return checks;
}
