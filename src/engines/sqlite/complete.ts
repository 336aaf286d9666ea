import type { SchemaObject } from '../../core/manifest.ts';
import { entryOf, type LeftOut } from '../../core/privacy/left-out.ts';
import { valuesLost } from '../values-lost.ts';
import { checkIntegrity } from './check.ts';
import { isSameName } from './names.ts';
import { makeWithOldStrings } from './old-strings.ts';
import { type Db, openForWriting, type SqliteOptions } from './open.ts';
import { quoted, readSchema } from './schema.ts';
import { contentOf } from './sql/indexes.ts';
import { isVirtualDefinition } from './sql/virtual-tables.ts';
import { sqliteProblem } from './sqlite-problem.ts';

/**
 * What a backup leaves out, a restore does not take away: it comes from the database that is being replaced, where that has it.
 * Rows are the same where their keys are. Indexes that were left empty are made again. Returns what `checkIntegrity` returns.
 */
export function complete(target: string, leftOut: LeftOut, live: string | undefined, options: SqliteOptions): string[] {
  const db = openForWriting(target, options);
  try {
    db.pragma('ignore_check_constraints = on');
    const mode = db.pragma('journal_mode', { simple: true });
    db.pragma('journal_mode = delete');
    const notes = live === undefined ? [] : takeOver(db, leftOut, live);
    for (const name of indexesToMake(db, leftOut)) {
      db.exec(`INSERT INTO ${quoted(name)}(${quoted(name)}) VALUES ('rebuild')`);
    }
    const warnings = checkIntegrity(db);
    if (mode === 'wal') db.pragma('journal_mode = wal');
    return [...notes, ...warnings];
  } catch (error) {
    throw sqliteProblem(target, error);
  } finally {
    db.close();
  }
}

/** Full-text tables about another table, which can tell them all again. A view might take for ever: the app may ask that. */
function indexesToMake(db: Db, { excluded = {} }: LeftOut): string[] {
  const schema = readSchema(db);
  const isTable = (wanted: string | undefined) =>
    wanted !== undefined && schema.some(({ type, name }) => type === 'table' && isSameName(name, wanted));
  return schema
    .filter((object) => isVirtualDefinition(object) && Object.hasOwn(excluded, object.name))
    .filter(({ sql }) => isTable(contentOf(sql)))
    .map(({ name }) => name);
}

function takeOver(db: Db, leftOut: LeftOut, live: string): string[] {
  try {
    db.prepare('ATTACH ? AS live').run(live);
  } catch (error) {
    const encodings = error instanceof Error && /encoding/.test(error.message);
    if (!encodings) throw error;
    return ['what backups leave out was not taken over from the database there was: its text encoding is another'];
  }
  db.exec('BEGIN IMMEDIATE');
  const triggers = readSchema(db).filter(({ type }) => type === 'trigger');
  for (const { name } of triggers) db.exec(`DROP TRIGGER main.${quoted(name)}`);
  const late = takeTables(db, leftOut);
  for (const [name, condition] of Object.entries(leftOut.included ?? {}))
    takeRows(db, name, condition, entryOf(leftOut.redacted, name));
  const redacted = Object.entries(leftOut.redacted ?? {});
  const notes = redacted.flatMap(([name, columns]) => takeColumns(db, name, columns));
  for (const trigger of [...triggers, ...late]) makeWithOldStrings(db, trigger);
  db.exec('COMMIT; DETACH live');
  return notes;
}

/** Tables that backups leave out, with their rows. Returns the triggers that are to be made once no row is inserted any more. */
function takeTables(db: Db, { excluded = {} }: LeftOut): SchemaObject[] {
  const theirs = db.prepare<[string], SchemaObject>(
    `SELECT type, name, tbl_name AS "table", sql FROM live.sqlite_schema
        WHERE lower(tbl_name) = lower(?) AND sql IS NOT NULL ORDER BY rowid`,
  );
  const late: SchemaObject[] = [];
  for (const [name, what] of Object.entries(excluded)) {
    const objects = theirs.all(name);
    // A virtual table's rows are in tables of its own, which only its module may fill.
    if (objects.length === 0 || objects.some(isVirtualDefinition)) continue;
    if (what === 'whole') {
      for (const object of objects) if (object.type === 'table') makeWithOldStrings(db, object);
      for (const object of objects) if (object.type === 'index') makeWithOldStrings(db, object);
      late.push(...objects.filter(({ type }) => type === 'trigger'));
    }
    takeRows(db, name, undefined);
  }
  return late;
}

interface Columns {
  readonly all: readonly string[];
  readonly key: readonly string[];
}

/** The stored columns that a table has on both sides, and its key where that is the same. */
function sharedColumns(db: Db, table: string): Columns | undefined {
  const columns = db.prepare<[string, string], { name: string; pk: number }>(
    'SELECT name, pk FROM temp.pragma_table_xinfo(?, ?) WHERE hidden IN (0, 1) ORDER BY pk',
  );
  const [ours, theirs] = [columns.all(table, 'main'), columns.all(table, 'live')];
  if (ours.length === 0 || theirs.length === 0) return undefined;
  const key = (side: typeof ours) => side.filter(({ pk }) => pk > 0).map(({ name }) => name);
  return {
    all: ours.map(({ name }) => name).filter((name) => theirs.some((each) => each.name === name)),
    key: key(ours).join('\n') === key(theirs).join('\n') ? key(ours) : [],
  };
}

/** Rows that do not meet a condition; every row without one. A row that came with the backup stays as it came. */
function takeRows(db: Db, table: string, condition: string | undefined, redacted: readonly string[] = []): void {
  const shared = sharedColumns(db, table);
  if (shared === undefined) return;
  const columns = shared.all.map(quoted).join(', ');
  const where = condition === undefined ? '' : ` WHERE NOT ifnull((${condition}), 0)`;
  const isKeyless = condition !== undefined && shared.key.length === 0;
  const rows = isKeyless
    ? rowsWithoutKey(table, shared.all, redacted, condition)
    : `SELECT ${columns} FROM live.${quoted(table)}${where}`;
  db.prepare(`INSERT OR IGNORE INTO main.${quoted(table)}(${columns}) ${rows}`).run();
}

/**
 * Rows that do not meet a condition, of a table without a key. A condition may ask for the time, or for what is left out: then it holds no
 * longer for rows that came with the backup. So of rows that look the same to a backup, as many are left where they are as came with it.
 */
function rowsWithoutKey(table: string, all: readonly string[], redacted: readonly string[], condition: string): string {
  const seen = all.filter((name) => !redacted.some((each) => isSameName(each, name))).map(quoted);
  // Neither what a column says of equality, nor its type: 1 is not 1.0, nor A an a.
  const exact = seen.map(
    (name) => `CASE typeof(${name}) WHEN 'real' THEN quote(${name}) ELSE typeof(${name}) || hex(${name}) END`,
  );
  const looks = exact.length === 0 ? "''" : exact.join(" || ' ' || ");
  const columns = all.map(quoted).join(', ');
  const [place, lacks, same, nth] = ['place', 'lacks', 'same', 'nth'].map((name) => quoted(`overwinter ${name}`));
  return `SELECT ${columns} FROM (SELECT *, row_number() OVER (PARTITION BY ${same} ORDER BY ${lacks}, ${place}) AS ${nth}
      FROM (SELECT ${columns}, row_number() OVER () AS ${place}, NOT ifnull((${condition}), 0) AS ${lacks}, ${looks} AS ${same} FROM live.${quoted(table)}))
    LEFT JOIN (SELECT ${looks} AS "overwinter came", count(*) AS "overwinter rows" FROM main.${quoted(table)} GROUP BY 1) ON "overwinter came" = ${same}
    WHERE ${lacks} AND ${nth} > ifnull("overwinter rows", 0) ORDER BY ${place}`;
}

/** Returns what could not be taken over. */
function takeColumns(db: Db, table: string, redacted: readonly string[]): string[] {
  const shared = sharedColumns(db, table);
  const columns = redacted.filter((name) => shared?.all.includes(name));
  if (shared === undefined || columns.length === 0) return [];
  if (shared.key.length === 0) {
    const has = columns.map((name) => `${quoted(name)} IS NOT NULL`).join(' OR ');
    const found = db.prepare(`SELECT 1 FROM live.${quoted(table)} WHERE ${has} LIMIT 1`).get();
    return found === undefined ? [] : [valuesLost(table, columns)];
  }
  // No table is called as it is itself and more.
  const there = quoted(`${table} there`);
  const set = columns.map((name) => `${quoted(name)} = ${there}.${quoted(name)}`);
  const same = shared.key.map((name) => `${there}.${quoted(name)} = main.${quoted(table)}.${quoted(name)}`);
  db.prepare(
    `UPDATE OR IGNORE main.${quoted(table)} SET ${set.join(', ')} FROM live.${quoted(table)} AS ${there} WHERE ${same.join(' AND ')}`,
  ).run();
  return [];
}
