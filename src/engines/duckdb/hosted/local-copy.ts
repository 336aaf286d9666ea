import { randomUUID } from 'node:crypto';
import { removeFiles } from '../copy-aside.ts';
import { duckdbProblem } from '../duckdb-problem.ts';
import { insertInLevels } from '../insert-in-levels.ts';
import { makeAll, makeSequence } from '../make-schema.ts';
import { literal, MAIN, qualified, quoted } from '../names.ts';
import type { Db } from '../open.ts';
import { readSchema } from '../schema.ts';
import { readSequences } from '../sequences.ts';
import { parentsFirst, readTables, storedNames, type Table } from '../tables.ts';
import { contentMark } from './content-mark.ts';
import type { Host } from './host.ts';

/** What every version of DuckDB since can read: where rows lay says nothing of them. */
const STORAGE = 'v1.0.0';

/**
 * Copies a hosted database into a file of ours, in one transaction: what is asked of it then costs the host nothing, and values become text here,
 * whatever a server's settings are. Returns the mark of what was copied.
 */
export async function copyLocally(host: Host, file: string): Promise<string> {
  removeFiles(file);
  return withFile(host, file, `(STORAGE_VERSION ${literal(STORAGE)})`, async (db, local) => {
    const tables = await readTables(db);
    const defined: Defined = {
      tables,
      schema: await readSchema(db, tables),
      positions: new Map((await readSequences(db)).map(({ key, next }) => [key, next])),
    };
    const mark = await contentMark(db);
    await inside(local, () => copyInto(local, db, defined));
    return mark;
  });
}

/** Everything that is defined in a database, and where its sequences stand. */
export interface Defined {
  readonly tables: readonly Table[];
  readonly schema: Awaited<ReturnType<typeof readSchema>>;
  readonly positions: ReadonlyMap<string, string>;
}

/** One transaction over a hosted database and a file of ours beside it. Of what it throws nothing stays. */
export async function withFile<T>(
  host: Host,
  file: string,
  how: string,
  work: (db: Db, local: Db) => Promise<T>,
): Promise<T> {
  // Names of what is attached belong to a whole instance.
  const alias = `overwinter ${randomUUID()}`;
  const db = await host.connect();
  const quietly = (sql: string) => db.run(sql).catch(() => {});
  try {
    await db.run(`ATTACH ${literal(file)} AS ${quoted(alias)} ${how}`);
    try {
      await db.run('BEGIN TRANSACTION');
      const result = await work(db, { ...db, catalog: alias });
      await db.run('COMMIT');
      return result;
    } catch (error) {
      await quietly('ROLLBACK');
      throw error;
    } finally {
      await quietly(`USE ${placeOf(db)}`);
      await quietly(`DETACH ${quoted(alias)}`);
    }
  } catch (error) {
    throw duckdbProblem(host.label, error);
  } finally {
    db.close();
  }
}

const placeOf = ({ catalog }: Db) => `${quoted(catalog)}.${quoted(MAIN)}`;

/** Works where names mean what is in this database. */
export async function inside<T>(db: Db, work: () => Promise<T>): Promise<T> {
  await db.run(`USE ${placeOf(db)}`);
  return work();
}

/** Makes everything in an empty database that another beside it has. Names mean what is in the empty one. */
export async function copyInto(into: Db, from: Pick<Db, 'catalog'>, defined: Defined): Promise<void> {
  const ofType = (...types: string[]) => defined.schema.filter(({ type }) => types.includes(type));
  await makeAll(into, ofType('schema', 'type'));
  for (const object of ofType('sequence')) await makeSequence(into, object, defined.positions.get(object.name));
  await makeAll(into, ofType('macro', 'table', 'view'));
  for (const table of parentsFirst(defined.tables)) {
    const columns = storedNames(table);
    const names = columns.map(quoted).join(', ');
    const select = `SELECT ${names} FROM ${quoted(from.catalog)}.${qualified(table)}`;
    if (table.references.some((key) => key.table === table.key))
      await insertInLevels(into, table, [{ columns, select }]);
    else await into.run(`INSERT INTO ${qualified(table)} (${names}) ${select}`);
  }
  await makeAll(into, ofType('index'));
  await makeAll(into, ofType('comment'));
}
