import { reasonOf } from '../../core/errors.ts';
import { count } from '../../core/words.ts';
import type { Db } from './open.ts';
import { quoted } from './schema.ts';
import { corruptProblem, isOfTheFile } from './sqlite-problem.ts';

/** Breaking a rule of the schema is a matter of the data, which came so; everything else is a matter of the file. */
const OWN_FAULT = /^(CHECK constraint failed in|NULL value in|non-\w+ value in|TEXT value in|NUMERIC value in)/;

/** What a full-text index says when it fell behind the table it indexes: the app's to rebuild, and so before. */
const STALE_INDEX = /inverted index for FTS\d table/;

/** An index of FTS4 without content has nothing that it could be held against. */
const UNCHECKABLE = /^unable to validate the inverted index for FTS\d table .*: SQL logic error$/;

/**
 * SQLite's own check of every page, row and index entry. Throws DATABASE_CORRUPT for a broken file; returns a sentence for
 * each thing that is odd in the data itself.
 */
export function checkIntegrity(db: Db): string[] {
  return [...mustBeWhole(db, faultsOf(db, 'integrity_check')), ...danglingRows(db)];
}

/** Throws DATABASE_CORRUPT unless the faults are of the data alone, NOT_READABLE where the disk kept SQLite from looking; returns them. */
export function mustBeWhole(db: Db, faults: readonly string[]): readonly string[] {
  const broken = faults.filter((line) => !OWN_FAULT.test(line) && !STALE_INDEX.test(line));
  if (broken.length > 0) throw corruptProblem(db.name, new Error(broken.join('; ')));
  return faults;
}

/**
 * What `quick_check` leaves out of `integrity_check`, which is most of its time: whether indexes and their tables agree. The rest
 * comes along for these tables.
 */
export function faultsOfIndexes(db: Db): string[] {
  const tables = db
    .prepare<[], string>("SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'index'")
    .pluck()
    .all();
  return tables.flatMap((table) => faultsOf(db, `integrity_check(${quoted(table)})`));
}

export function faultsOf(db: Db, pragma: string): string[] {
  const check = () =>
    db
      .prepare<[], string>(`PRAGMA ${pragma}`)
      .pluck()
      .all()
      .filter((line) => line !== 'ok' && !UNCHECKABLE.test(line));
  try {
    db.pragma('ignore_check_constraints = off');
    return check();
  } catch (error) {
    if (isOfTheFile(error)) throw error;
    // A CHECK can fail to answer at all on a row that was let in without it; what remains is the file's own soundness.
    db.pragma('ignore_check_constraints = on');
    const faults = check();
    return [`CHECK constraint failed in a way that has no answer: ${reasonOf(error)}`, ...faults];
  }
}

/** A sentence for each table with rows that point to rows which are not there. */
export function danglingRows(db: Db): string[] {
  const tables = db
    .prepare<[], string>(
      "SELECT DISTINCT s.name FROM sqlite_schema s, temp.pragma_foreign_key_list(s.name) WHERE s.type = 'table'",
    )
    .pluck()
    .all();
  const check = db.prepare<[string], { parent: string; rows: number }>(
    'SELECT parent, count(*) AS rows FROM temp.pragma_foreign_key_check(?) GROUP BY 1',
  );
  return tables.flatMap((table) => {
    try {
      return check
        .all(table)
        .map(
          ({ parent, rows }) =>
            `${count(rows, 'row')} of ${table} ${rows === 1 ? 'points' : 'point'} to rows of ${parent} that do not exist`,
        );
    } catch (error) {
      if (isOfTheFile(error)) throw error;
      // The definition itself does not hold: its parent has no such key.
      return [`the foreign keys of ${table} cannot be checked: ${reasonOf(error)}`];
    }
  });
}
