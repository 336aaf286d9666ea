import { OverwinterError, reasonOf } from '../../core/errors.ts';
import { setting } from '../../core/hint.ts';
import { entryOf, leftOutOf, missingColumns, type Selection } from '../../core/privacy/left-out.ts';
import { cannotLeaveOut, conditionInvalid } from '../../core/problems/settings.ts';
import type { Reading } from '../engine.ts';
import { danglingRows } from './dangling.ts';
import { emptyIndexes, shadowsOf } from './empty-indexes.ts';
import type { Db, SqliteOptions } from './open.ts';
import { storedAs } from './replacement.ts';
import { literal, quoted, readSchema, rowsFrom, type Table } from './schema.ts';
import { countedTables } from './sql/counted-tables.ts';
import { inParenthesesAfter, isOneExpression, namesIn } from './sql/sql-words.ts';
import { countOf } from './table-rows.ts';

/** What there is to read once something is left out. */
export interface Narrowed {
  /** Each table, and the database to read it from. */
  readonly tables: readonly { readonly table: Table; readonly from: Db }[];
  readonly facts: Pick<Reading, 'schema' | 'leftOut' | 'dangling' | 'absent'>;
  close(): void;
}

/** Throws CONFIG_INVALID for a condition that is none, for a value that cannot stand where it is to, and for broken CHECKs. */
export function narrow(db: Db, all: readonly Table[], selection: Selection, options: SqliteOptions): Narrowed {
  const schema = readSchema(db);
  const whole = Object.entries(selection.excluded ?? {}).flatMap(([name, what]) => (what === 'whole' ? [name] : []));
  const gone = new Set(whole.flatMap((name) => [name, ...shadowsOf(db, name)]));
  const isGone = (name: string) => gone.has(name);
  const empty = emptyIndexes(db, selection, options);
  try {
    const kept = all.filter(({ name }) => !isGone(name)).map((table) => narrowed(db, table, selection, whole));
    for (const table of kept) mustBeAnswerable(db, table);
    for (const table of kept) mustPassChecks(db, table, selection);
    return {
      tables: kept.map((table) => ({ table, from: empty.holds(table.name) ? empty.db : db })),
      facts: {
        schema: schema.filter(({ name, table }) => !isGone(name) && !isGone(table)),
        leftOut: leftOutOf(selection),
        dangling: danglingRows(db, kept, whole),
        absent: new Map(
          countedTables(schema)
            .filter(({ name }) => isGone(name))
            .map(({ name, rows }) => [name, rows((stored) => countOf(db, { name: stored }))]),
        ),
      },
      close: empty.close,
    };
  } catch (error) {
    empty.close();
    throw error;
  }
}

function narrowed(db: Db, table: Table, selection: Selection, whole: readonly string[]): Table {
  const only = conditionFor(table, selection, whole);
  const missing = missingColumns(selection, table.name);
  const values = entryOf(selection.values, table.name);
  const columns = table.columns
    .filter(({ name }) => !missing.includes(name))
    .map((column) => {
      const value = entryOf(values, column.name);
      return value === undefined ? column : { ...column, instead: storedAs(db, table.name, column.name, value) };
    });
  return { ...table, columns, ...(only === undefined ? {} : { only }) };
}

function conditionFor(table: Table, selection: Selection, whole: readonly string[]): string | undefined {
  const names = (list: readonly string[]) => list.map(literal).join(', ');
  // Samples of keys are values; the other statistics are counts.
  if (table.name === 'sqlite_stat4') {
    const touched = [selection.redacted, selection.included, selection.excluded].flatMap((each) =>
      Object.keys(each ?? {}),
    );
    return touched.length === 0 ? undefined : `tbl NOT IN (${names(touched)})`;
  }
  if (table.name === 'sqlite_stat1') return whole.length === 0 ? undefined : `tbl NOT IN (${names(whole)})`;
  if (table.name === 'sqlite_sequence') return whole.length === 0 ? undefined : `name NOT IN (${names(whole)})`;
  if (entryOf(selection.excluded, table.name) === 'rows') return '0';
  return entryOf(selection.included, table.name);
}

function mustBeAnswerable(db: Db, table: Table): void {
  if (table.only === undefined) return;
  // It stands between parentheses, and must not end them.
  if (!isOneExpression(table.only)) throw conditionInvalid(table.name, table.only, 'it is not one condition')();
  try {
    db.prepare(`SELECT 1 FROM ${rowsFrom(table)} LIMIT 1`).get();
  } catch (error) {
    throw conditionInvalid(table.name, table.only, reasonOf(error))(error);
  }
}

/** Rows as they would come back must meet the table's own rules, or the app could not change them any more. */
function mustPassChecks(db: Db, table: Table, selection: Selection): void {
  const redacted = entryOf(selection.redacted, table.name) ?? [];
  if (redacted.length === 0) return;
  const sql = db.prepare<[string], string>("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?").pluck();
  const checks = inParenthesesAfter(sql.get(table.name) ?? '', 'CHECK');
  for (const check of checks) {
    const names = namesIn(check);
    const column = redacted.find((name) => names.has(name.toLowerCase()));
    if (column === undefined || !isBroken(db, table, redacted, check)) continue;
    const obstacle = `${table.name}.${column} would then break CHECK (${check})`;
    const keep = [setting({ keep: { [table.name]: [column] } })];
    throw cannotLeaveOut(
      "looks like a credential or is in 'redact'",
      [obstacle],
      [`another value for it under 'redact'`],
      keep,
    )();
  }
}

function isBroken(db: Db, table: Table, redacted: readonly string[], check: string): boolean {
  const info = db
    .prepare<[string], { name: string; notnull: number; dflt_value: string | null }>(
      'SELECT name, "notnull", dflt_value FROM temp.pragma_table_xinfo(?)',
    )
    .all(table.name);
  const terms = info.map(({ name, notnull, dflt_value }) => {
    const instead = table.columns.find((column) => column.name === name)?.instead;
    const missing = notnull === 1 ? `(${dflt_value})` : 'NULL';
    return `${redacted.includes(name) ? (instead ?? missing) : quoted(name)} AS ${quoted(name)}`;
  });
  try {
    const rows = `SELECT ${terms.join(', ')} FROM ${rowsFrom(table)}`;
    return db.prepare(`SELECT 1 FROM (${rows}) WHERE NOT (${check}) LIMIT 1`).get() !== undefined;
  } catch (error) {
    if (error instanceof OverwinterError) throw error;
    // It asks for what only a table has, its rowid for instance: then SQLite's own check at the restore says it.
    return false;
  }
}
