import { reasonOf } from '../../../core/errors.ts';
import { databaseLocked } from '../../../core/problems/database.ts';
import { restoreInexact } from '../../../core/problems/restoring.ts';
import { literal, MAIN, qualified, quoted } from '../names.ts';
import { type Db, openFile } from '../open.ts';
import { readSchema } from '../schema.ts';
import { readSequences } from '../sequences.ts';
import { countRowsOf } from '../table-rows.ts';
import { parentsFirst, readTables, type Table } from '../tables.ts';
import { contentMark } from './content-mark.ts';
import { type Host, inOneMoment } from './host.ts';
import { copyInto, type Defined, inside, withFile } from './local-copy.ts';

/**
 * Puts what lies in a file of ours in the place of all that a hosted database has, in one transaction. Tables are dropped and made again: within
 * one transaction, DuckDB lets nobody empty a table and those that point to it. Throws DATABASE_LOCKED where the database is not as it was
 * when `mark` was taken; that is looked at just before the end, too, since not every host may keep others out as DuckDB does.
 */
export async function putInPlace(host: Host, file: string, mark: string): Promise<void> {
  const defined = await definedIn(host, file);
  await withFile(host, file, '(READ_ONLY)', async (db, local) => {
    const mustBeAsItWas = async (seen: Db) => {
      if ((await contentMark(seen)) !== mark) throw databaseLocked(host.label)();
    };
    await mustBeAsItWas(db);
    const before = await readTables(db);
    const counted = await countsOf(db, before);
    await keepOthersOut(db, before);
    await dropAll(db);
    await copyInto(db, local, defined);
    await mustBeTheSame(db, local, defined);
    await inOneMoment(host, mustBeAsItWas);
    // A sum takes its time, in which somebody may write. To count takes next to none.
    if ((await inOneMoment(host, (seen) => countsOf(seen, before))) !== counted) throw databaseLocked(host.label)();
  });
}

/** No column is called so by itself. */
const MARK = quoted('overwinter is at it');

/**
 * DuckDB sees no conflict in what others write to a table that is dropped here: it would be lost. But what they write to a table that is changed
 * here, it refuses: from then on, until this transaction ends, and also what was begun before. Throws DATABASE_LOCKED where somebody else is
 * changing one.
 */
async function keepOthersOut(db: Db, tables: readonly Table[]): Promise<void> {
  for (const table of tables) {
    try {
      await db.run(`ALTER TABLE ${qualified(table)} ADD COLUMN ${MARK} BOOLEAN`);
    } catch (error) {
      throw /conflict/i.test(reasonOf(error)) ? databaseLocked(db.label)(error) : error;
    }
  }
}

const countsOf = async (db: Db, tables: readonly Table[]): Promise<string> =>
  JSON.stringify([
    ...(await countRowsOf(
      db,
      tables.map((table) => ({ table })),
    )),
  ]);

async function definedIn({ label, catalog }: Host, file: string): Promise<Defined> {
  const db = await openFile(file, { label, catalog, write: false });
  try {
    const tables = await readTables(db);
    const positions = new Map((await readSequences(db)).map(({ key, next }) => [key, next]));
    return { tables, schema: await readSchema(db, tables), positions };
  } finally {
    db.close();
  }
}

/** Takes away everything that is defined; what nobody here knows is left, and stops it where it is in the way. */
async function dropAll(db: Db): Promise<void> {
  const here = `database_name = ${literal(db.catalog)}`;
  const drop = async (kind: string, sql: string) => {
    for (const [schema, name] of await db.rows(sql))
      await db.run(`DROP ${kind} ${qualified({ schema: schema ?? '', name: name ?? '' })}`);
  };
  await drop(
    'VIEW',
    `SELECT schema_name, view_name FROM duckdb_views() WHERE ${here} AND NOT internal AND NOT temporary`,
  );
  for (const table of parentsFirst(await readTables(db)).reverse()) await db.run(`DROP TABLE ${qualified(table)}`);
  for (const [kind, type] of [
    ['MACRO', 'macro'],
    ['MACRO TABLE', 'table_macro'],
  ] as const)
    await drop(
      kind,
      `SELECT DISTINCT schema_name, function_name FROM duckdb_functions() WHERE ${here} AND NOT internal AND function_type = '${type}'`,
    );
  await drop('SEQUENCE', `SELECT schema_name, sequence_name FROM duckdb_sequences() WHERE ${here} AND NOT temporary`);
  await drop('TYPE', `SELECT schema_name, type_name FROM duckdb_types() WHERE ${here} AND NOT internal`);
  for (const [schema] of await db.rows(`SELECT schema_name FROM duckdb_schemas() WHERE ${here} AND NOT internal`))
    if (schema !== MAIN) await db.run(`DROP SCHEMA ${quoted(schema ?? '')}`);
}

async function mustBeTheSame(db: Db, local: Db, { tables, schema, positions }: Defined): Promise<void> {
  const made = await readTables(db);
  const objects = await readSchema(db, made);
  const other = without(schema, objects) ?? without(objects, schema);
  if (other !== undefined)
    throw restoreInexact(
      `with the ${other.type} '${other.name}'`,
      'the host makes something else of its definition, or nothing',
    )();
  const moved = (await readSequences(db)).find(({ key, next }) => positions.get(key) !== next);
  if (moved !== undefined)
    throw restoreInexact(`with the sequence '${moved.key}'`, 'on the host it stands somewhere else')();
  const here = await countRowsOf(
    db,
    made.map((table) => ({ table })),
  );
  const there = await inside(local, () =>
    countRowsOf(
      local,
      tables.map((table) => ({ table })),
    ),
  );
  await db.run(`USE ${quoted(db.catalog)}.${quoted(MAIN)}`);
  for (const [key, rows] of there)
    if (here.get(key) !== rows)
      throw restoreInexact(`with table '${key}'`, `${here.get(key) ?? 0} rows arrived of ${rows}`)();
}

/** The first one that is not among the others, exactly as it is. */
function without(some: Defined['schema'], others: Defined['schema']): Defined['schema'][number] | undefined {
  const known = new Set(others.map((each) => JSON.stringify(each)));
  return some.find((each) => !known.has(JSON.stringify(each)));
}
