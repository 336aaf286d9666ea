import { execFile } from 'node:child_process';
import { checkConfig } from '../core/check-config.ts';
import type { Config } from '../core/config.ts';
import { isErrorCode, OverwinterError, reasonOf } from '../core/errors.ts';
import { snapshotFailed } from '../core/problems/machine.ts';
import { type DatabaseInHand, type InHand, inHand } from '../project/database-in-hand.ts';
import { printableLogger } from '../project/logger.ts';
import { findOwnProgram } from '../project/own-package.ts';

/**
 * Which database, and what happens where no snapshot can be taken.
 * @example
 * ```ts
 * import type { SnapshotOptions } from 'overwinter';
 * export const options: SnapshotOptions = { db: 'data/app.db', onFailure: 'continue' };
 * ```
 */
export interface SnapshotOptions extends Omit<Config, 'db'> {
  /** The path or target of the database, or what is open of it. Default: the one of the project. */
  readonly db?: DatabaseInHand;
  /** What happens where no snapshot can be taken. Default: `'throw'`, and `fn` does not run. */
  readonly onFailure?: 'throw' | 'continue';
}

/**
 * * Takes a snapshot, then runs `fn` and gives what it gives; 'overwinter undo' takes back what `fn` did. Throws what taking the
 * snapshot throws, before `fn` ran.
 * @example
 * ```ts
 * import { openDatabase, withSnapshot } from 'overwinter';
 * const db = await openDatabase('data/app.db');
 * await withSnapshot('delete old notes', () => db.exec("delete from notes where text = 'old'"), { db });
 * db.close();
 * ```
 */
export async function withSnapshot<T>(
  label: string,
  fn: () => T | Promise<T>,
  options: SnapshotOptions = {},
): Promise<T> {
  const { onFailure = 'throw', db, ...config } = options;
  try {
    const flags = checkConfig('the options of withSnapshot()', config);
    const given = db === undefined ? undefined : inHand(db, 'withSnapshot()');
    const skipped = await take(label, given === undefined ? flags : { ...flags, db: await given.target() }, given);
    if (skipped !== undefined) sayOnce(skipped);
  } catch (error) {
    if (onFailure === 'throw') throw error;
    printableLogger(console).warn(`overwinter: no snapshot was taken (${label}): ${reasonOf(error)}`);
  }
  return fn();
}

/**
 * The same for a method: `@snapshotted('delete a user')`. The method becomes asynchronous.
 * @example
 * ```ts
 * import { snapshotted } from 'overwinter';
 * export class Users {
 *   @snapshotted('delete a user', { db: 'data/app.db' })
 *   async remove(id: number): Promise<number> {
 *     return id;
 *   }
 * }
 * ```
 */
export function snapshotted(label: string, options: SnapshotOptions = {}) {
  return <This, Args extends unknown[], Result>(
    method: (this: This, ...args: Args) => Result | Promise<Result>,
    _context: ClassMethodDecoratorContext<This>,
  ) =>
    function (this: This, ...args: Args): Promise<Result> {
      return withSnapshot(label, () => method.apply(this, args), options);
    };
}

const said = new Set<string>();

/** It is the same before every call. */
function sayOnce(text: string): void {
  if (!said.has(text)) printableLogger(console).warn(`overwinter: ${text}`);
  said.add(text);
}

/**
 * In a process of its own, because the app has the database open: copying would hold up its event loop, and closing the file would
 * take away its locks if it came with an SQLite of its own. Settings that a command line cannot say stay here, and so does a DuckDB instance, which
 * nobody else can read. Returns why none was taken, where it would be in vain.
 */
async function take(label: string, flags: Config, given: InHand | undefined): Promise<string | undefined> {
  const { db, dir, ...others } = flags;
  const isSaid = Object.values(others).every((value) => value === undefined);
  const program = findOwnProgram('main.cjs');
  if (!isSaid || program === undefined || given?.instance !== undefined) return takeHere(label, flags, given);
  const isSecret = db !== undefined && (await import('../core/target.ts')).mayHoldSecret(db);
  const named = [...(db === undefined || isSecret ? [] : ['--db', db]), ...(dir === undefined ? [] : ['--dir', dir])];
  // Every user of the machine can list arguments.
  const env = isSecret ? { ...process.env, OVERWINTER_DB: db } : process.env;
  return run([program, 'snapshot', '--json', ...named, '--', label], env);
}

async function takeHere(label: string, flags: Config, given: InHand | undefined): Promise<string | undefined> {
  const [{ openProject }, { snapshot, whyNoSnapshot }] = await Promise.all([
    import('../project/open-project.ts'),
    import('../operations/snapshot.ts'),
  ]);
  const world = { cwd: process.cwd(), env: process.env, now: () => new Date() };
  const { project } = await openProject(world, flags);
  const reason = whyNoSnapshot(project);
  if (reason !== undefined) return reason;
  const { instance } = given ?? {};
  if (instance === undefined) await snapshot(project, label).finally(() => project.database.close());
  else {
    const { duckdbOfApp } = await import('../engines/index.ts');
    await snapshot({ ...project, database: await duckdbOfApp(instance, withoutScheme(flags.db)) }, label);
  }
  return undefined;
}

const withoutScheme = (target = '') => target.replace(/^duckdb:/, '');

/** Returns why there is nothing to run for. */
function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((done, fail) => {
    execFile(process.execPath, [...args], { env, windowsHide: true }, (error, stdout) => {
      if (error === null) done(skippedIn(stdout));
      else fail(failureIn(stdout) ?? snapshotFailed()(error));
    });
  });
}

function skippedIn(stdout: string): string | undefined {
  const { skipped }: { readonly skipped?: unknown } = JSON.parse(stdout);
  return typeof skipped === 'string' ? skipped : undefined;
}

/** The error that the command line wrote as JSON. */
function failureIn(stdout: string): OverwinterError | undefined {
  try {
    const { code, message, hint } = JSON.parse(stdout).error;
    return isErrorCode(code) ? new OverwinterError(code, String(message), [String(hint)]) : undefined;
  } catch {
    return undefined;
  }
}
