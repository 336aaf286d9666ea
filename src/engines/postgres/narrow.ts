import { reasonOf } from '../../core/errors.ts';
import { setting } from '../../core/hint.ts';
import { entryOf, isLeftOutWhole, missingColumns, type Selection } from '../../core/privacy/left-out.ts';
import { cannotLeaveOut, conditionInvalid, replacementInvalid } from '../../core/problems/settings.ts';
import { codeOf } from '../../core/system-error.ts';
import { danglingInWords, looseReferences } from '../dangling.ts';
import { isOneExpression, namesIn } from '../sql-words.ts';
import type { Session } from './driver.ts';
import { literal, quoted } from './names.ts';
import { type ReadColumn, rowsFrom, type Source, wholeOf } from './rows-sql.ts';
import type { Table } from './tables.ts';

/**
 * What is read of each table once something is left out. Throws CONFIG_INVALID for a condition that is none, and for a value that cannot stand
 * where it is to.
 */
export async function narrow(session: Session, tables: readonly Table[], selection: Selection): Promise<Source[]> {
  const kept = tables.filter(({ key, holdsRows }) => holdsRows && !isLeftOutWhole(selection, key));
  const sources: Source[] = [];
  for (const table of kept) sources.push(await narrowed(session, table, selection));
  return sources;
}

async function narrowed(session: Session, table: Table, selection: Selection): Promise<Source> {
  const missing = missingColumns(selection, table.key);
  const values = entryOf(selection.values, table.key);
  const columns: ReadColumn[] = [];
  for (const column of wholeOf(table).columns) {
    if (missing.includes(column.name)) continue;
    const value = entryOf(values, column.name);
    if (value === undefined) columns.push(column);
    else columns.push({ ...column, instead: await storedAs(session, table.key, column, String(value)) });
  }
  const only = entryOf(selection.excluded, table.key) === 'rows' ? 'false' : entryOf(selection.included, table.key);
  const source = { table, columns, ...(only === undefined ? {} : { only }) };
  await mustBeAnswerable(session, source);
  await mustPassChecks(session, source, entryOf(selection.redacted, table.key) ?? []);
  return source;
}

/** A declared value as its column would hold it: `7.50` in a column of two decimals. */
async function storedAs(session: Session, table: string, { name, type }: ReadColumn, value: string): Promise<string> {
  try {
    const [[text = ''] = []] = await within(session, `SELECT concat(${literal(value)}::${type})`);
    return text ?? '';
  } catch (error) {
    throw isOfTheQuestion(error) ? replacementInvalid(table, name, reasonOf(error))(error) : error;
  }
}

async function mustBeAnswerable(session: Session, { table, only }: Source): Promise<void> {
  if (only === undefined) return;
  // It stands between parentheses, and must not end them.
  if (!isOneExpression(only)) throw conditionInvalid(table.key, only, 'it is not one condition')();
  try {
    await within(session, `SELECT 1 FROM ${rowsFrom({ table, only })} LIMIT 0`);
  } catch (error) {
    throw isOfTheQuestion(error) ? conditionInvalid(table.key, only, reasonOf(error))(error) : error;
  }
}

/** Rows as they would come back must meet the table's own rules, or no restore could bring them back. */
async function mustPassChecks(session: Session, source: Source, redacted: readonly string[]): Promise<void> {
  const { key, checks } = source.table;
  for (const check of redacted.length === 0 ? [] : checks) {
    const names = namesIn(check);
    const column = redacted.find((name) => names.has(name));
    if (column === undefined || !(await isBroken(session, source, redacted, check))) continue;
    throw cannotLeaveOut(
      "looks like a credential or is in 'redact'",
      [`${key}.${column} would then break CHECK (${check})`],
      [`another value for it under 'redact'`],
      [setting({ keep: { [key]: [column] } })],
    )();
  }
}

async function isBroken(session: Session, source: Source, redacted: readonly string[], check: string) {
  const instead = new Map(source.columns.map((column) => [column.name, column.instead]));
  const terms = source.table.columns.map(({ name, type, notNull, byDefault }) => {
    const value = instead.get(name);
    const missing = notNull ? (byDefault ?? 'NULL') : 'NULL';
    const term = !redacted.includes(name) ? quoted(name) : value === undefined ? missing : literal(value);
    return `(${term})::${type} AS ${quoted(name)}`;
  });
  try {
    const rows = `SELECT ${terms.join(', ')} FROM ${rowsFrom(source)}`;
    return (await within(session, `SELECT 1 FROM (${rows}) AS rows WHERE NOT (${check}) LIMIT 1`)).length > 0;
  } catch (error) {
    if (!isOfTheQuestion(error) && codeOf(error) !== READ_ONLY) throw error;
    // It asks for what only a table has, or for the next of a sequence: then the server itself says it at the restore.
    return false;
  }
}

const READ_ONLY = '25006';

/** Asks something that may fail, and lets the transaction go on. */
async function within(session: Session, sql: string) {
  await session.query('SAVEPOINT overwinter');
  try {
    const rows = await session.query(sql);
    await session.query('RELEASE SAVEPOINT overwinter');
    return rows;
  } catch (error) {
    await session.query('ROLLBACK TO SAVEPOINT overwinter');
    throw error;
  }
}

/** A value that is none of its type, a name that is not there, a word that is no SQL: all but what is of the server. */
const isOfTheQuestion = (error: unknown) => /^(22|23|42(?!501))/.test(codeOf(error));

/** Rows that are kept and point to rows that are there and not kept, in sentences. */
export async function danglingRows(
  session: Session,
  sources: readonly Source[],
  tables: readonly Table[],
  selection: Selection,
): Promise<string[]> {
  const sentences: string[] = [];
  for (const { child, reference, parent, only } of looseReferences(sources, tables, selection)) {
    const columns = (names: readonly string[], of: string) => names.map((name) => `${of}.${quoted(name)}`).join(', ');
    const lacking = rowsFrom({ table: parent }, `(${only}) IS NOT TRUE`);
    const names = reference.to.map(quoted).join(', ');
    const sql = `SELECT count(*) FROM (SELECT * FROM ${rowsFrom(child)}) AS c
        WHERE ROW(${columns(reference.from, 'c')}) IN (SELECT ${names} FROM ${lacking})`;
    const [[count = '0'] = []] = await session.query(sql);
    sentences.push(...danglingInWords(Number(count), child.table.key, parent.key));
  }
  return sentences;
}
