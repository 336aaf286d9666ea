import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Environment } from '../core/config.ts';
import { reasonOf } from '../core/errors.ts';
import type { Identity } from '../core/identity.ts';
import {
  targetAmbiguous,
  targetLeadsAway,
  variableNotAName,
  variableUnset,
  variableWrong,
} from '../core/problems/target.ts';
import { fileAt, hasKnownScheme, parseTarget, type SqliteFile, type Target } from '../core/target.ts';
import { isTracked, topOf } from '../local/tracked.ts';
import type { ReadableStore } from '../stores/store.ts';
import { findDatabase, liesWhereDatabasesDo, mayBeDatabase } from './find-database.ts';
import { prismaSchema } from './prisma-schema.ts';
import { type Said, variableOf } from './variables.ts';

/** In what a target is read. */
export interface Surroundings {
  readonly root: string;
  readonly cwd: string;
  readonly env: Environment;
}

export interface Question extends Surroundings {
  /** What a flag, OVERWINTER_DB or the configuration says, and the folder from which it is meant. */
  readonly named: Named | undefined;
  readonly store: ReadableStore;
}

export interface Named {
  readonly target: string;
  readonly base: string;
}

export interface WhichDatabase {
  /** With absolute paths. */
  readonly target: Target;
  /** The variable that names it. */
  readonly variable?: string;
  /** Whether it was merely found. */
  readonly isFound: boolean;
  /** Variables that say so, or would where they are set. */
  readonly variables: readonly string[];
  /** `DATABASE_URL`, where nothing else names a database: the app's own variable, which nobody set for this. */
  readonly onlyNamedBy?: string;
  /** Which one it is, where its backups alone say so. */
  readonly identity?: Identity;
}

/** Where the address of a database is looked for that nothing names. */
export const FALLBACK = 'DATABASE_URL';

/** The database that is meant. Throws USAGE where that cannot be said. */
export async function whichDatabase(question: Question): Promise<WhichDatabase> {
  const { named, root, env } = question;
  if (named !== undefined) return namedDatabase(question, named);
  const said = variableOf(FALLBACK, env, root);
  if (said !== undefined && isForUs(said.value))
    return {
      target: targetSaidBy(question, said),
      variable: FALLBACK,
      isFound: false,
      variables: [FALLBACK],
      onlyNamedBy: whereIs(said),
    };
  return { target: fileAt(await findDatabase(question), false), isFound: true, variables: [FALLBACK] };
}

/** Other kinds of databases are other tools' business. Some write the path of a file there, as SvelteKit's template does. */
const isForUs = (value: string) => hasKnownScheme(value) || /^[^:]+\.(db|db3|sqlite|sqlite3|duckdb)$/i.test(value);

/** The same for a target that was named, in whatever. */
export function namedDatabase(surroundings: Surroundings, { target: text, base }: Named): WhichDatabase {
  const target = parseTarget(text);
  if (target.kind !== 'variable') return { target: located(target, base), isFound: false, variables: [] };
  if (!/^\w+$/.test(target.name)) throw variableNotAName()();
  const said = variableOf(target.name, surroundings.env, surroundings.root);
  if (said === undefined) throw variableUnset(target.name)();
  return { target: targetSaidBy(surroundings, said), variable: target.name, isFound: false, variables: [target.name] };
}

const whereIs = ({ name, file }: Said) => (file === undefined ? name : `${name} in ${basename(file)}`);

function targetSaidBy({ cwd, root }: Surroundings, said: Said): Target {
  const target = readTarget(said);
  const base = said.file === undefined ? cwd : dirname(said.file);
  const found = located(target, isPrismas(said, target, root) ?? base);
  // Then any branch can bring another.
  const isBrought = said.file !== undefined && isTracked(said.file);
  if (isBrought && !isOfProject(found, topOf(root) ?? root))
    throw targetLeadsAway(whereIs(said), basename(said.file))();
  return found;
}

/** A server's databases are none of the project's, whichever machine it is on. */
function isOfProject(target: Target, top: string): boolean {
  if (target.kind === 'sqlite' || target.kind === 'duckdb') return mayBeDatabase(top, target.file);
  return target.kind === 'pglite' && liesWhereDatabasesDo(top, target.folder);
}

function readTarget(said: Said): Target {
  try {
    const target = parseTarget(said.value);
    if (target.kind !== 'variable') return target;
  } catch (error) {
    throw variableWrong(whereIs(said), reasonOf(error))(error);
  }
  throw variableWrong(whereIs(said), 'it names another variable.')();
}

/** Where Prisma takes its address from this very variable, it is meant from the folder that Prisma means. */
function isPrismas({ name }: Said, target: Target, root: string): string | undefined {
  if (target.kind !== 'sqlite' || !target.byUrl) return undefined;
  const schema = prismaSchema(root);
  const url = schema?.source.url;
  const isItsOwn = url !== undefined && 'variable' in url && url.variable === name;
  return isItsOwn && schema?.source.provider === 'sqlite' ? schema.base : undefined;
}

export const sqliteAt = (file: string): SqliteFile => ({ kind: 'sqlite', file, byUrl: false });

/** The same target from wherever it is asked for. */
function located(target: Target, base: string): Target {
  if (target.kind === 'sqlite') return { ...sqliteAt(eitherOf(target, base)), byUrl: target.byUrl };
  if (target.kind === 'duckdb') return { ...target, file: resolve(base, target.file) };
  return target.kind === 'pglite' ? { ...target, folder: resolve(base, target.folder) } : target;
}

/** The one that is there; else the one whose folder is. Guessing would bring the data back where the app does not look for it. */
function eitherOf({ file, orElse }: SqliteFile, base: string): string {
  const first = resolve(base, file);
  if (orElse === undefined) return first;
  for (const isThere of [isDatabase, (path: string) => isFolder(dirname(path))]) {
    const [one, other] = [isThere(first), isThere(orElse)];
    if (one && other) throw targetAmbiguous(first, orElse)();
    if (one || other) return one ? first : orElse;
  }
  return first;
}

const isDatabase = (path: string) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
