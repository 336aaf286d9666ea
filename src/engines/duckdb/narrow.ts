import { reasonOf } from '../../core/errors.ts';
import { entryOf, isLeftOutWhole, missingColumns, type Selection } from '../../core/privacy/left-out.ts';
import { typeNotKept } from '../../core/problems/duckdb.ts';
import { conditionInvalid, replacementInvalid } from '../../core/problems/settings.ts';
import { danglingInWords, looseReferences } from '../dangling.ts';
import { isOneExpression } from '../sql-words.ts';
import { firstLine } from './duckdb-problem.ts';
import { literal, quoted, rowsCalled } from './names.ts';
import type { Db } from './open.ts';
import { type ReadColumn, rowsFrom, type Source } from './rows-sql.ts';
import type { Column, Table } from './tables.ts';
import { textOf } from './values.ts';

/**
 * What is read of each table, with what is left out. Throws CONFIG_INVALID for a condition that is none and for a value that cannot stand
 * where it is to, and DATABASE_FAILED for a column whose values would not come back.
 */
export async function narrow(db: Db, tables: readonly Table[], selection: Selection): Promise<Source[]> {
  const sources: Source[] = [];
  for (const table of tables)
    if (!isLeftOutWhole(selection, table.key)) sources.push(await narrowed(db, table, selection));
  return sources;
}

async function narrowed(db: Db, table: Table, selection: Selection): Promise<Source> {
  const missing = missingColumns(selection, table.key);
  const values = entryOf(selection.values, table.key);
  const columns: ReadColumn[] = [];
  for (const column of table.columns) {
    if (missing.includes(column.name) || column.isGenerated) continue;
    const known = mustBeKept(db, table, column);
    const value = entryOf(values, column.name);
    if (value === undefined) columns.push(known);
    else columns.push({ ...known, instead: await storedAs(db, table.key, known, String(value)) });
  }
  const only = entryOf(selection.excluded, table.key) === 'rows' ? 'false' : entryOf(selection.included, table.key);
  const source = { table, columns, ...(only === undefined ? {} : { only }) };
  await mustBeAnswerable(db, source);
  return source;
}

function mustBeKept(db: Db, table: Table, column: Column): ReadColumn {
  if (column.kind === undefined) throw typeNotKept(db.label, table.key, column.name, column.type)();
  return { ...column, kind: column.kind };
}

/** A declared value as its column would hold it: `7.50` in a column of two decimals. */
async function storedAs(db: Db, table: string, { name, type, kind }: ReadColumn, value: string): Promise<string> {
  try {
    const stored = textOf('stored', type, kind);
    const [[text = ''] = []] = await db.rows(
      `SELECT ${stored} FROM (SELECT CAST(${literal(value)} AS ${type}) AS stored)`,
    );
    return text ?? '';
  } catch (error) {
    throw replacementInvalid(table, name, firstLine(reasonOf(error)))(error);
  }
}

async function mustBeAnswerable(db: Db, { table, only }: Source): Promise<void> {
  if (only === undefined) return;
  // It stands between parentheses, and must not end them.
  if (!isOneExpression(only)) throw conditionInvalid(table.key, only, 'it is not one condition')();
  try {
    await db.rows(`SELECT 1 FROM ${rowsFrom({ table, only })} LIMIT 0`);
  } catch (error) {
    throw conditionInvalid(table.key, only, firstLine(reasonOf(error)))(error);
  }
}

const [CHILD, PARENT] = [rowsCalled('child'), rowsCalled('parent')];

/** Rows that are kept and point to rows that are there and not kept, in sentences. */
export async function danglingRows(
  db: Db,
  sources: readonly Source[],
  tables: readonly Table[],
  selection: Selection,
): Promise<string[]> {
  const sentences: string[] = [];
  for (const { child, reference, parent, only } of looseReferences(sources, tables, selection)) {
    const same = reference.from.map(
      (name, at) => `${CHILD}.${quoted(name)} = ${PARENT}.${quoted(reference.to[at] ?? '')}`,
    );
    const lacking = rowsFrom({ table: parent }, `(${only}) IS NOT TRUE`);
    const [[count = '0'] = []] = await db.rows(
      `SELECT count(*) FROM (SELECT * FROM ${rowsFrom(child)}) AS ${CHILD} SEMI JOIN (SELECT * FROM ${lacking}) AS ${PARENT} ON ${same.join(' AND ')}`,
    );
    sentences.push(...danglingInWords(Number(count), child.table.key, parent.key));
  }
  return sentences;
}
