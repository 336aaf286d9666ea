import { createRequire } from 'node:module';
import Database from 'better-sqlite3';
import { bringsBinary, runsBinary } from '../../core/driver-fit.ts';
import { type OverwinterError, reasonOf } from '../../core/errors.ts';
import { driverNotBuilt, driverNotThere, driverTooNew } from '../../core/problems/database.ts';
import { codeOf } from '../../core/system-error.ts';

export type Db = Database.Database;

/** Opens a database with the driver; nothing else does. Throws DRIVER_NOT_BUILT, and what SQLite throws. */
export function connect(path: string, options: Database.Options = {}): Db {
  // Newer Nodes run them all, and need not wait until the version is looked up.
  isTooNew ??= !runsBinary(process.versions.napi) && bringsBinary(driverVersion() ?? '');
  if (isTooNew) throw driverTooNew(process.version)();
  try {
    return new Database(path, options);
  } catch (error) {
    throw driverProblem(error) ?? error;
  }
}

/** Throws DRIVER_NOT_BUILT where no database could be opened, as the first one would. */
export function driverMustRun(): void {
  connect(':memory:').close();
}

let isTooNew: boolean | undefined;

/**
 * The binary of better-sqlite3 12 belongs to one version of Node, and some installers build nothing unless they are told to; 13 brings
 * one for each of the usual machines. It is missed only when the first database is opened.
 */
function driverProblem(error: unknown): OverwinterError | undefined {
  const reason = reasonOf(error);
  const isMissing =
    /^Could not locate the bindings file|^Cannot find module .*better_sqlite3\.node/.test(reason) ||
    codeOf(error) === 'ERR_DLOPEN_FAILED';
  if (!isMissing) return undefined;
  return bringsBinary(driverVersion() ?? '')
    ? driverNotThere(`${process.platform} on ${process.arch}`)(error)
    : driverNotBuilt()(error);
}

/** Undefined where the driver does not lie in a folder of its own. */
export function driverVersion(): string | undefined {
  try {
    // An app made into one CommonJS file gives its pieces no address, but has a name.
    const from = typeof import.meta.url === 'string' ? import.meta.url : __filename;
    const manifest: { version?: string } = createRequire(from)('better-sqlite3/package.json');
    return manifest.version;
  } catch {
    return undefined;
  }
}
