import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, DatabaseConfig } from '../core/config.ts';
import { type Identity, usualName } from '../core/identity.ts';
import type { PrivacyConfig } from '../core/privacy/settings.ts';
import { privacyOf } from '../core/settle-config.ts';
import { realPath } from '../engines/real-path.ts';
import { insideOf } from '../local/place.ts';
import type { WhichDatabase } from './which-database.ts';

/** One of the databases that a call is about. Paths are absolute. */
export interface ChosenDatabase {
  readonly which: WhichDatabase;
  readonly identity: Identity;
  /** Where it is kept. */
  readonly folder: string;
  /** What its own entry says of its tables. */
  readonly privacy: PrivacyConfig;
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
  /** The file that a target comes to. */
  readonly find: (target: string, base: string) => Promise<WhichDatabase>;
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
  const match = among(listed, which.file, root);
  if (match !== undefined) return [{ ...match, which }];
  // A folder that is named together with a database is for that one.
  const folderOf = flags.dir === undefined ? listed[0]?.identity : undefined;
  return [{ which, identity: identityOf(root, which.file), folder: dir, privacy: privacyOf(said.file), folderOf }];
}

/** What a database is called that the configuration does not list. */
export function identityOf(root: string, db: string): Identity {
  const path = insideOf(root, db);
  return { name: usualName(db), isNamed: false, ...(path === undefined ? {} : { path }) };
}

async function listedIn({ flags, file, base, cwd, root, dir, find }: Sayings): Promise<ChosenDatabase[]> {
  const from = flags.databases === undefined ? base : cwd;
  const one = file.db === undefined ? [] : [{ db: file.db }];
  const several: readonly DatabaseConfig[] = flags.databases ?? file.databases ?? one;
  const found = several.map(async ({ name, db, ...privacy }, at): Promise<ChosenDatabase> => {
    const which = await find(db, from);
    const usual = identityOf(root, which.file);
    const identity = name === undefined ? usual : { ...usual, name, isNamed: true };
    const others = { folder: join(dir, identity.name), privacy };
    const first = { folder: dir, privacy: { ...privacyOf(file), ...privacy } };
    return { which, identity, folderOf: identity, ...(at === 0 ? first : others) };
  });
  return Promise.all(found);
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
  const match = among(listed, which.file, root);
  const isSecondFile = insideOf(root, which.file) !== undefined && existsSync(first.which.file);
  if (match === undefined && isSecondFile)
    return [{ ...first, which, identity: identityOf(root, which.file) }, ...others];
  return listed.map((each) => (each === (match ?? first) ? { ...each, which } : each));
}

/** By its place, whatever link leads there, or, outside of the project, by its name. */
function among(listed: readonly ChosenDatabase[], file: string, root: string): ChosenDatabase | undefined {
  const real = realPath(file);
  const here = listed.find(({ which }) => realPath(which.file) === real);
  if (here !== undefined || insideOf(root, file) !== undefined) return here;
  return listed.find(({ identity }) => identity.name === usualName(file));
}
