import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Config } from '../core/config.ts';
import { OverwinterError } from '../core/errors.ts';
import type { Command } from '../core/hint.ts';
import { manifestFile, userName } from '../core/names.ts';
import { noDatabaseGiven, severalToChoose } from '../core/problems/usage.ts';
import { configFromEnvironment, privacyOf, type Settled, settle } from '../core/settle-config.ts';
import { amongTables } from '../core/short-lived.ts';
import { placeOf } from '../core/target.ts';
import { ageEncryption } from '../crypto/age-encryption.ts';
import type { Wanted } from '../crypto/encryption.ts';
import type { Database } from '../engines/engine.ts';
import { engineFor } from '../engines/registry.ts';
import { openRepository } from '../git/repository.ts';
import { mustNotLeadAway } from '../local/links.ts';
import { insideOf, localFolder, mustBeOurs, projectRoot } from '../local/place.ts';
import { topOf } from '../local/tracked.ts';
import { liesOnVolume } from '../local/volume.ts';
import { nameMeant } from '../operations/catalog.ts';
import type { LocalProject, Project } from '../operations/project.ts';
import { folderStore } from '../stores/folder/folder-store.ts';
import { remotesAt } from '../stores/index.ts';
import type { StoreKinds } from '../stores/kind.ts';
import type { LocalFolder } from '../stores/store.ts';
import { absentDatabase, unsetVariable } from './absent-database.ts';
import { type ChosenDatabase, chooseDatabases, filesOf, identityOf, type Listed } from './choose-databases.ts';
import { findConfigFile, loadConfigFile } from './config-file.ts';
import { type FoldersAbout, neverSaved, wantedFiles } from './folders.ts';
import { keysFrom } from './identities.ts';
import { mustNotBeKeptAbove } from './kept-above.ts';
import { type Question, type WhichDatabase, whichDatabase } from './which-database.ts';

export interface World {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** The kinds of stores there are. Default: every one. */
  readonly stores?: StoreKinds;
  /** Gets every database that is opened, for whoever is to close it: some stay connected between two questions. */
  readonly onOpened?: (database: Database) => void;
}

/** What the databases of a project have in common. */
export interface Settings {
  readonly root: string;
  /** The folder for the backups of all of them. */
  readonly dir: string;
  readonly settled: Settled;
  readonly configFile: string | undefined;
  readonly which: WhichDatabase;
}

export interface OpenedProject extends Settings {
  readonly project: LocalProject;
}

export interface OpenedProjects extends Settings {
  /** One for each database that the call is about. */
  readonly projects: readonly [LocalProject, ...LocalProject[]];
}

export interface Needs {
  /** It is about backups alone: no database need be found. */
  readonly noDatabase?: boolean;
  /** The same, and the variable that the configuration names for its address need not be set. */
  readonly backupsAlone?: boolean;
}

/** Puts a project together that is about one database. Throws USAGE, where there are several too, and CONFIG_INVALID. */
export async function openProject(world: World, flags: Config): Promise<OpenedProject> {
  const { projects, ...settings } = await openProjects(world, flags);
  return { ...settings, project: await theOneOf(projects) };
}

/**
 * The one that is meant, where there are several: the one that has this backup. Throws USAGE where that does not tell, with the command
 * that was `asked` and does.
 */
export async function theOneOf(
  projects: OpenedProjects['projects'],
  backup?: string,
  asked: (db: string) => Command | undefined = () => undefined,
): Promise<LocalProject> {
  if (projects.length === 1) return projects[0];
  const having = backup === undefined || backup === 'latest' ? [] : await thoseWith(projects, backup);
  const [only] = having;
  if (only !== undefined && having.length === 1) return only;
  throw severalToChoose(projects.map(({ identity }) => identity.name).join(', '), asked(projects[0].identity.name))();
}

/** A name that is whole somewhere is no beginning elsewhere. */
async function thoseWith(projects: OpenedProjects['projects'], backup: string): Promise<readonly LocalProject[]> {
  const begun: LocalProject[] = [];
  const exact: LocalProject[] = [];
  for (const project of projects) {
    const name = await nameMeant(project.store, backup);
    if (!(await project.store.list('top')).has(manifestFile(name))) continue;
    (name === userName(backup) ? exact : begun).push(project);
  }
  return exact.length > 0 ? exact : begun;
}

/** Puts a project together from flags, environment, configuration file and defaults. Throws USAGE and CONFIG_INVALID. */
export async function openProjects(
  world: World,
  flags: Config,
  { backupsAlone = false, noDatabase = backupsAlone }: Needs = {},
): Promise<OpenedProjects> {
  const start = flags.dir === undefined ? world.cwd : dirname(resolve(world.cwd, flags.dir));
  const root = projectRoot(start);
  const configFile = findConfigFile(projectRoot(world.cwd)) ?? findConfigFile(root);
  const file = configFile === undefined ? {} : await loadConfigFile(configFile);
  const environment = configFromEnvironment(world.env);
  const settled = settle(flags, environment, file, world.env, existsSync);
  // What a file says is meant from where it stands, what a person types from where they are.
  const base = configFile === undefined ? root : dirname(configFile);
  const dir = resolve((flags.dir ?? environment.dir) ? world.cwd : base, settled.dir);
  const storesBase = (flags.stores ?? environment.stores) ? world.cwd : base;
  const question = { root, cwd: world.cwd, env: world.env, store: storeIn(root, dir, settled.wait) };
  const find = (target: string, from: string) => whichDatabase({ ...question, named: { target, base: from } });
  const findListed = async ({ db, base: from, isNamed }: Listed) => {
    const unset = unsetVariable(db, question);
    if (unset === undefined) return find(db, from);
    if (backupsAlone && isNamed) return { ...(await absentDatabase(question)), variables: [unset] };
    // Whoever names another by its path or address does not mean this one.
    return /[./:]/.test(flags.db ?? '') ? undefined : find(db, from);
  };
  const sayings = { flags, environment, file, cwd: world.cwd, base, root, dir, find, findListed };
  const chosen = await chooseDatabases(sayings);
  const own = { privacy: privacyOf(file), files: filesOf({ flags, file }) };
  const [first, ...others] = chosen ?? [await found(question, dir, own, noDatabase)];
  if (first === undefined) throw noDatabaseGiven()();
  const never = neverSaved(dir, [first, ...others]);
  const around = {
    dir,
    base: storesBase,
    foldersBase: flags.files === undefined ? base : world.cwd,
    never,
    configFile,
  };
  const open = (database: ChosenDatabase) => projectOf(world, settled, around, database);
  const variables = [first, ...others].flatMap(({ which }) => which.variables);
  return {
    root,
    dir,
    settled,
    configFile,
    which: { ...first.which, variables },
    projects: [await open(first), ...(await Promise.all(others.map(open)))],
  };
}

/** Inside of the project a link on the way to its backups is not followed. */
function storeIn(root: string, dir: string, wait: number): LocalFolder {
  const top = topOf(root) ?? root;
  return folderStore(dir, insideOf(top, dir) === undefined ? undefined : top, wait);
}

/** The one database of a project whose configuration names none. */
async function found(
  question: Omit<Question, 'named'>,
  dir: string,
  { privacy, files }: Pick<ChosenDatabase, 'privacy' | 'files'>,
  noDatabase: boolean,
): Promise<ChosenDatabase> {
  const { root } = question;
  const which = await whichDatabase({ ...question, named: undefined }).catch((error: unknown) => {
    if (noDatabase && error instanceof OverwinterError) return absentDatabase(question);
    throw error;
  });
  if (which.isFound && 'file' in which.target) await mustNotBeKeptAbove(question, which.target.file);
  return { which, identity: identityOf(root, which), folder: dir, privacy, files, folderOf: undefined };
}

async function projectOf(
  world: World,
  settled: Settled,
  { dir, base, ...about }: { readonly dir: string; readonly base: string } & Omit<FoldersAbout, 'root' | 'limits'>,
  chosen: ChosenDatabase,
): Promise<LocalProject> {
  const { which, identity, folder, folderOf, privacy } = chosen;
  const { prepare } = settled;
  const root = projectRoot(dirname(dir));
  const local = localFolder(root);
  mustBeOurs(local);
  const place = placeOf(which.target);
  if (place !== undefined) mustNotLeadAway(topOf(root) ?? root, place);
  const { runsOn, forgets } = hostOf(settled, folder);
  const around = { env: world.env, base, environment: settled.environment, local, backups: dir, folder, forgets };
  const engine = engineFor(which.target);
  const options = { wait: settled.wait, ...(prepare === undefined ? {} : { prepare }) };
  const database = await engine.open(which.target, options);
  world.onOpened?.(database);
  const files = wantedFiles(chosen.files, { ...about, root, limits: settled.fileLimits });
  return {
    database,
    identity,
    ...(folderOf === undefined ? {} : { folderOf }),
    local,
    ...(files === undefined ? {} : { files }),
    store: storeIn(root, folder, settled.wait),
    now: world.now,
    environment: settled.environment,
    host: hostname(),
    ...(runsOn === undefined ? {} : { runsOn }),
    // Encrypted backups hold everything that nobody said should stay out.
    privacy: { ...privacy, ...(settled.encrypt ? { byName: false } : {}) },
    publicRemote: settled.publicRemote,
    boot: settled.boot,
    remotes: await remotesAt(settled.stores, around, world.stores),
    repository: () => openRepository(folder, world.env),
    encryption: ageEncryption(keysFrom(world.env), wantedOf(settled)),
    maxShrink: settled.maxShrink,
    ...(settled.mayShrink === undefined ? {} : { mayShrink: amongTables(settled.mayShrink, engine.codec.fold) }),
    retention: settled.retention,
    keepSnapshots: settled.snapshots,
    ignoreTables: settled.ignoreTables,
    wait: settled.wait,
  };
}

/** In one order and each once, whatever the file says: so the same people are the same. */
function wantedOf({ encrypt }: Settled): Wanted | false | undefined {
  if (encrypt === undefined || encrypt === false) return encrypt;
  return {
    recipients: [...new Set(encrypt.recipients)].sort(),
    passphrase: encrypt.passphrase === true,
    compress: encrypt.compress !== false,
  };
}

/** Backups that reach another place outlive the host; a mail is none that a start could read. */
function hostOf({ host, stores }: Settled, dir: string): Pick<Project, 'runsOn'> & { readonly forgets: boolean } {
  if (host === undefined) return { forgets: false };
  const loses = host.forgets === 'always' || (host.forgets === 'off-volumes' && !liesOnVolume(dir));
  const isAlone = stores.every((address) => /^mailto:/i.test(address));
  return {
    runsOn: { name: host.name, forgets: loses && isAlone, losesFiles: loses },
    // A workflow runs when somebody said that it should.
    forgets: loses && host.environment !== 'ci',
  };
}
