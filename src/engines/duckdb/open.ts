import { readdirSync, statSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { databaseMissing, databaseNotAFile } from '../../core/problems/database.ts';
import { heldHere, notADuckdb } from '../../core/problems/duckdb.ts';
import { statIfThere } from '../../files/if-there.ts';
import { type Session, sessionInMemory } from './driver.ts';
import { duckdbProblem } from './duckdb-problem.ts';
import { literal, MAIN, quoted } from './names.ts';

/** An open database, under the name that it has in its own definitions. */
export interface Db extends Session {
  readonly catalog: string;
  readonly label: string;
}

export interface Opening {
  /** How people call it. */
  readonly label: string;
  /** What the app's definitions may call it: DuckDB calls a database like its file. */
  readonly catalog: string;
  readonly write: boolean;
  /** The only folder that statements may read and write. */
  readonly folder?: string;
  /** Another file to read from. */
  readonly beside?: { readonly file: string; readonly as: string };
  /** Of a database that is to be made: which versions can read it. */
  readonly storage?: string;
}

/** As DuckDB names the database in a file. */
export function catalogOf(path: string): string {
  const { name } = parse(path);
  // These are DuckDB's own.
  return ['memory', 'system', 'temp'].includes(name.toLowerCase()) ? `${name}_db` : name;
}

/** Each takes memory of its own, and what comes of one is as much as this process puts away meanwhile. */
const READERS = 1;

/**
 * Opens a file. Nothing that a definition says reaches any other file but those in one folder, and nothing is fetched. Throws what
 * `duckdbProblem` makes of it.
 */
export async function openFile(file: string, { label, catalog, write, folder, beside, storage }: Opening): Promise<Db> {
  const session = await sessionInMemory(write ? undefined : READERS);
  try {
    const words = [
      ...(write ? [] : ['READ_ONLY']),
      ...(storage === undefined ? [] : [`STORAGE_VERSION ${literal(storage)}`]),
    ];
    const options = words.length === 0 ? '' : ` (${words.join(', ')})`;
    const spill = folder ?? dirname(file);
    // To look at the ends of a table, values are fetched for those rows alone. Versions that do not know it look at all.
    await session.run('SET late_materialization_max_rows = 1000').catch(() => {});
    await session.run(`SET temp_directory = ${literal(join(spill, 'duckdb-spill'))}`);
    await session.run(`ATTACH ${literal(file)} AS ${quoted(catalog)}${options}`);
    if (beside !== undefined) await session.run(`ATTACH ${literal(beside.file)} AS ${quoted(beside.as)} (READ_ONLY)`);
    await session.run(`USE ${quoted(catalog)}.${quoted(MAIN)}`);
    if (folder !== undefined) await session.run(`SET allowed_directories = [${literal(folder)}]`);
    await session.run('SET enable_external_access = false');
    await session.run("SET TimeZone = 'UTC'; SET Calendar = 'gregorian'; SET preserve_insertion_order = true");
    return { ...session, catalog, label };
  } catch (error) {
    session.close();
    throw duckdbProblem(label, error);
  }
}

/** Opens the database itself, as briefly as can be; see `inTurn`. */
export async function openOriginal(path: string, how: Omit<Opening, 'catalog'>): Promise<Db> {
  mustBeAFile(path, how.label);
  mustNotBeOpenHere(path, how.label);
  return openFile(path, { ...how, catalog: catalogOf(path) });
}

function mustBeAFile(path: string, label: string): void {
  const stat = statIfThere(path);
  if (stat === undefined) throw databaseMissing(label, undefined)();
  if (!stat.isFile()) throw databaseNotAFile(label)();
  if (stat.size === 0) throw notADuckdb(label, 'it has no content')();
}

const OWN_FILES = '/proc/self/fd';

/**
 * The lock on the file belongs to the process, so DuckDB opens a file twice in one, shows the second old rows, and lets the lock go with
 * whoever closes first. Linux tells which files a process has open; elsewhere nothing is found.
 */
export function mustNotBeOpenHere(path: string, label: string): void {
  const wanted = statIfThere(path);
  if (wanted === undefined) return;
  for (const each of maybe(() => readdirSync(OWN_FILES)) ?? []) {
    const open = maybe(() => statSync(join(OWN_FILES, each)));
    if (open !== undefined && open.ino === wanted.ino && open.dev === wanted.dev) throw heldHere(label)();
  }
}

/** A file may be closed while it is looked at. */
function maybe<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

const turns = new Map<string, Promise<unknown>>();

/** One at a time opens a database in this process, for the same reason. */
export async function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(path) ?? Promise.resolve();
  const mine = before.then(work, work);
  const done = mine.catch(() => {});
  turns.set(path, done);
  try {
    return await mine;
  } finally {
    if (turns.get(path) === done) turns.delete(path);
  }
}
