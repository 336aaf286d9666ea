import { reasonOf } from '../../core/errors.ts';
import type { Replacement } from '../../core/privacy/left-out.ts';
import { replacementInvalid } from '../../core/problems/settings.ts';
import { connect, type Db } from './driver.ts';
import { readTableKinds } from './table-kinds.ts';

/**
 * A declared value as a column would store it, in SQL: `'007'` in a column of integers is 7, and a backup must say so, or what
 * was restored would not be what was saved. Throws CONFIG_INVALID where a STRICT table would refuse it.
 */
export function storedAs(db: Db, table: string, column: string, value: Replacement): string {
  const declared = db
    .prepare<[string, string], string>('SELECT type FROM temp.pragma_table_xinfo(?) WHERE name = ?')
    .pluck();
  const isStrict = readTableKinds(db).get(table)?.isStrict === true;
  const type = (declared.get(table, column) ?? '').toUpperCase();
  const trial = connect(':memory:');
  try {
    trial.exec(isStrict ? `CREATE TABLE t(c ${strictType(type)}) STRICT` : `CREATE TABLE t(c ${affinity(type)})`);
    // A whole JavaScript number would be bound as a real.
    trial.prepare('INSERT INTO t VALUES (?)').run(Number.isSafeInteger(value) ? BigInt(value) : value);
    return trial.prepare<[], string>('SELECT quote(c) FROM t').pluck().get() ?? 'NULL';
  } catch (error) {
    throw replacementInvalid(table, column, reasonOf(error))(error);
  } finally {
    trial.close();
  }
}

const STRICT_TYPES = ['INT', 'INTEGER', 'REAL', 'TEXT', 'BLOB', 'ANY'];
const strictType = (type: string) => STRICT_TYPES.find((each) => each === type) ?? 'ANY';

/** The rules by which SQLite reads a declared type. */
function affinity(type: string): string {
  if (type.includes('INT')) return 'INTEGER';
  if (/CHAR|CLOB|TEXT/.test(type)) return 'TEXT';
  if (type === '' || type.includes('BLOB')) return 'BLOB';
  return /REAL|FLOA|DOUB/.test(type) ? 'REAL' : 'NUMERIC';
}
