import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, DatabaseConfig } from '../core/config.ts';
import type { FoldersConfig } from '../core/folders.ts';
import { type Identity, usualName } from '../core/identity.ts';
import type { PrivacyConfig } from '../core/privacy/settings.ts';
import { privacyOf } from '../core/settle-config.ts';
import { nameIn, placeOf, type Target } from '../core/target.ts';
import { realPath } from '../files/real-path.ts';
import { insideOf } from '../local/place.ts';
import { FALLBACK, type WhichDatabase } from './which-database.ts';

/** One of the databases that a call is about. Paths are absolute. */
export interface ChosenDatabase {
  readonly which: WhichDatabase;
  readonly identity: Identity;
  /** Where it is kept. */
  readonly folder: string;
  /** What its own entry says of its tables. */
  readonly privacy: PrivacyConfig;
  /** Folders whose files are saved with its rows, as its configuration names them. */
  readonly files: FoldersConfig;
  /** Whose the folder is, where the configuration says it. */
  readonly folderOf: Identity | undefined;
}

export interface Sayings {
  readonly flags: Config;
  readonly environment: Config;
  readonly file: Config;
  /** From where what a person types is meant, and what the file says. */
  readonly cwd: string;
  readonly base: string;
  readonly root: string;
  /** The folder for backups. */
  readonly dir: string;
  /** What a target comes to from where it is meant. */
  readonly find: (target: string, base: string) => Promise<WhichDatabase>;
  /** The same for one that the configuration lists; undefined where a call can do without it, which nobody can find. */
  readonly findListed: (listed: Listed) => Promise<WhichDatabase | undefined>;
}

export interface Listed {
  readonly db: string;
  readonly base: string;
  /** Whether what it is called can be told without finding it. */
  readonly isNamed: boolean;
}

/**
 * The databases of the configuration, each where it lies on this machine; with `--db` the one it names or, where it names none of
 * them, that file by itself. Undefined where nobody names any. Throws USAGE for what is no database.
 */
export async function chooseDatabases(said: Sayings): Promise<readonly ChosenDatabase[] | undefined> {
  const { flags, environment, cwd, root, dir } = said;
  const listed = await whereTheyLie(await listedIn(said), said);
  const wanted = flags.db ?? (listed.length === 0 ? environment.db : undefined);
  if (wanted === undefined) return listed.length === 0 ? undefined : listed;
  const named = listed.find(({ identity }) => identity.name === wanted);
  if (named !== undefined) return [named];
  const which = await said.find(wanted, cwd);
  const match = among(listed, which.target, root);
  if (match !== undefined) return [{ ...match, which }];
  // A folder that is named together with a database is for that one.
  const folderOf = flags.dir === undefined ? listed[0]?.identity : undefined;
  const own = { folder: dir, privacy: privacyOf(said.file), files: filesOf(said), folderOf };
  const known = flags.db === undefined ? byOwnVariable(which) : which;
  return [{ which: known, identity: identityOf(root, known), ...own }];
}

/** An address stands in no configuration: what is written there is what it is named by, and that is nothing but this. */
const byOwnVariable = (which: WhichDatabase): WhichDatabase =>
  which.variable === undefined && placeOf(which.target) === undefined ? { ...which, variable: OWN_VARIABLE } : which;

const OWN_VARIABLE = 'OVERWINTER_DB';

/** What a database is called that the configuration does not list. */
export function identityOf(root: string, { target, variable = FALLBACK, identity: known }: WhichDatabase): Identity {
  if (known !== undefined) return known;
  const identity = { name: usualName(nameIn(target)), isNamed: false };
  const place = placeOf(target);
  if (place === undefined) return { ...identity, target: `env:${variable}` };
  const path = insideOf(root, place);
  return path === undefined ? identity : { ...identity, path };
}

/** What a program says that uses the library comes before what its configuration says. */
export const filesOf = ({ flags, file }: Pick<Sayings, 'flags' | 'file'>): FoldersConfig =>
  flags.files ?? file.files ?? [];

async function listedIn({ flags, file, base, cwd, root, dir, findListed }: Sayings): Promise<ChosenDatabase[]> {
  const from = flags.databases === undefined ? base : cwd;
  const one = file.db === undefined ? [] : [{ db: file.db }];
  const several: readonly DatabaseConfig[] = flags.databases ?? file.databases ?? one;
  const found = several.map(async ({ name, db, files = [], ...privacy }, at): Promise<ChosenDatabase | undefined> => {
    const which = await findListed({ db, base: from, isNamed: name !== undefined || at === 0 });
    if (which === undefined) return undefined;
    const usual = identityOf(root, which);
    const identity = name === undefined ? usual : { ...usual, name, isNamed: true };
    const others = { folder: join(dir, identity.name), privacy, files };
    const both = [...filesOf({ flags, file }), ...files];
    const first = { folder: dir, privacy: { ...privacyOf(file), ...privacy }, files: both };
    return { which, identity, folderOf: identity, ...(at === 0 ? first : others) };
  });
  return (await Promise.all(found)).filter((each) => each !== undefined);
}

/**
 * `OVERWINTER_DB` says where a database lies on this machine: the one that is called so, or else the first. Where two files of
 * the project could be meant it is another database than the first.
 */
async function whereTheyLie(
  listed: readonly ChosenDatabase[],
  { environment, cwd, root, find }: Sayings,
): Promise<readonly ChosenDatabase[]> {
  const [first, ...others] = listed;
  const isName = listed.some(({ identity }) => identity.name === environment.db);
  if (environment.db === undefined || first === undefined || isName) return listed;
  const which = await find(environment.db, cwd);
  const match = among(listed, which.target, root);
  const isSecondFile = isInside(root, which.target) && isThere(first.which.target);
  if (match === undefined && isSecondFile) return [{ ...first, which, identity: identityOf(root, which) }, ...others];
  // What it is called in the configuration says another machine where it lies.
  const { variable } = (match ?? first).which;
  const here = { ...(variable === undefined ? {} : { variable }), ...which };
  return listed.map((each) => (each === (match ?? first) ? { ...each, which: here } : each));
}

/** By its place, whatever link leads there, or, outside of the project, by its name. */
function among(listed: readonly ChosenDatabase[], target: Target, root: string): ChosenDatabase | undefined {
  const here = listed.find(({ which }) => isSameTarget(which.target, target));
  if (here !== undefined || isInside(root, target)) return here;
  return listed.find(({ identity }) => identity.name === usualName(nameIn(target)));
}

function isSameTarget(a: Target, b: Target): boolean {
  const [one, other] = [placeOf(a), placeOf(b)];
  if (one !== undefined && other !== undefined) return realPath(one) === realPath(other);
  return JSON.stringify(a) === JSON.stringify(b);
}

function isInside(root: string, target: Target): boolean {
  const place = placeOf(target);
  return place !== undefined && insideOf(root, place) !== undefined;
}

/** A server has what it has: only what is a file can be looked for. */
function isThere(target: Target): boolean {
  const place = placeOf(target);
  return place !== undefined && existsSync(place);
}
