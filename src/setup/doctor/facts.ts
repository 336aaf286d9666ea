import { existsSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { brokenParts } from '../../commit/heal.ts';
import { emptiness } from '../../core/decide.ts';
import type { OverwinterError } from '../../core/errors.ts';
import { type Command, inFolder, type Namer, program } from '../../core/hint.ts';
import { idOfPart } from '../../core/names.ts';
import type { PrivacyConfig } from '../../core/privacy/settings.ts';
import { type Environment, openRepository, type Repository } from '../../git/repository.ts';
import { rememberReaders } from '../../local/readers.ts';
import { type ReceiverNow, receiversNow } from '../../notify/receivers-now.ts';
import { type Catalog, checkPointer, readCatalog } from '../../operations/catalog.ts';
import type { Project } from '../../operations/project.ts';
import { findSecrets, judgesByLook, type Secrets } from '../../operations/secrets.ts';
import { type Status, status } from '../../operations/status.ts';
import { tryRemotes } from '../../operations/try-remotes.ts';
import { namedCommands } from '../../project/named-commands.ts';
import type { OpenedProject, OpenedProjects } from '../../project/open-project.ts';
import { startedBy } from '../../project/package-manager.ts';
import type { Shortcoming } from '../../stores/store.ts';
import { EMPTY_PLAN, onlyChanges, type Plan } from '../init/plan.ts';
import { planHooks } from '../init/plan-hooks.ts';
import { blockName, planInit } from '../init/plan-init.ts';
import type { ProjectFacts } from '../init/project-facts.ts';
import { survey } from '../init/survey.ts';
import { wishesOf } from '../init/wishes.ts';
import {
  databaseFault,
  gitVersion,
  type Machine,
  plainBackups,
  readersOf,
  type Visibility,
  workflowsIn,
} from './gather.ts';
import { hindrances, type Trouble } from './hindrances.ts';
import { type InGit, lookInGit } from './in-git.ts';

/** Everything the checks judge. Paths are absolute and real. */
export interface Facts {
  readonly now: Date;
  readonly machine: Machine;
  /** The version of git; undefined where there is none. */
  readonly git: string | undefined;
  readonly root: string;
  /** Undefined where it is no file. */
  readonly db: string | undefined;
  readonly dir: string;
  /** The `.overwinter/` folder. */
  readonly local: string;
  /** Undefined where there is no git to ask. */
  readonly survey: ProjectFacts | undefined;
  /** What `init` would change now. */
  readonly plan: Plan;
  /** The part of it that concerns hooks. */
  readonly hooks: Plan;
  /** Undefined outside of a repository. */
  readonly inGit: InGit | undefined;
  /** The texts of the workflows that mention Overwinter. */
  readonly workflows: readonly string[];
  readonly husky: { readonly installed: boolean; readonly command: Command };
  readonly status: Status;
  readonly databaseFault: OverwinterError | undefined;
  readonly hasRows: boolean;
  /** What is defined in the database and in no backup; undefined where there is nothing of the kind, or nobody could look. */
  readonly notKept?: readonly string[] | undefined;
  /** Whether the role may do anything on its server; undefined where there are no roles, or nobody could look. */
  readonly asSuperuser?: boolean | undefined;
  readonly pointer: string | undefined;
  /** Parts that are missing or cut; `inGit` where git still has them. */
  readonly broken: readonly { readonly file: string; readonly inGit: boolean; readonly newest: boolean }[];
  /** What could not be looked at, so that nobody knows what is there. */
  readonly hindered: readonly Trouble[];
  readonly visibility: Visibility | undefined;
  /** What is amiss with the other places that are to have every backup. */
  readonly places: readonly Shortcoming[] | 'none' | 'not asked';
  /** Where anybody may read the remote and backups are encrypted: how many in the folder or its history are not. */
  readonly plain: number | undefined;
  /** What looks private and of which nothing was said; undefined where the database cannot be read. */
  readonly secrets: Secrets | undefined;
  readonly privacy: PrivacyConfig;
  /** Who is to hear of alarms. */
  readonly alarms: readonly ReceiverNow[];
  /** Puts into a hint what starts Overwinter here, and the options this run was given. */
  readonly named: Namer;
  /** A path as a command at the root names it. */
  readonly path: (path: string) => string;
}

export interface Asking {
  readonly env: Environment;
  readonly machine: Machine;
  /** Asks nobody on a network. */
  readonly offline: boolean;
  /** The options that the commands in the answers need too. */
  readonly given: { readonly db?: string; readonly dir?: string };
}

/** One database of a project, beside all of them. */
export type Examining = OpenedProject & Pick<OpenedProjects, 'projects'>;

/**
 * Finds everything out about one database, and the project around it. Reads, and changes nothing but what is remembered of the remote; what it writes to try another place it removes again.
 * What `another` of the project's databases was told of the remote is not asked again.
 */
export async function gather(opened: Examining, asking: Asking, another?: Facts): Promise<Facts> {
  const { project } = opened;
  const { env, machine } = asking;
  const git = await gitVersion(env);
  const folder = project.store.path;
  const found =
    git === undefined
      ? undefined
      : await survey(
          { cwd: opened.root, env, now: project.now },
          {
            root: opened.root,
            databases: opened.projects.flatMap(({ database }) => database.file?.path ?? []),
            dir: folder,
          },
        );
  const root = found?.root ?? realpathSync(opened.root);
  const wishes = found && (await wishesOf(opened, found));
  const real = (path: string) => resolve(root, relative(opened.root, path));
  const repository = git === undefined ? undefined : await openRepository(root, env);
  const path = (at: string) => relative(root, at).replaceAll('\\', '/') || '.';
  const hindered = hindrances();
  const catalog = await hindered.past(
    readCatalog(project.store, (_name, error) => hindered.note(error)),
    NO_CATALOG,
  );
  const seen = await status(project, 'thorough');
  const visibility =
    another === undefined ? await askedReaders(opened, found?.remote, asking.offline) : another.visibility;
  const base = {
    now: project.now(),
    machine,
    git,
    root,
    db: project.database.file && real(project.database.file.path),
    dir: real(folder),
    local: real(project.local),
    survey: found,
    path,
  };
  return {
    ...base,
    plan: found && wishes ? planInit(found, wishes) : EMPTY_PLAN,
    hooks: found ? onlyChanges(planHooks(found, blockName(found))) : EMPTY_PLAN,
    inGit: repository && (await lookInGit(repository, base, catalog.unreadable)),
    workflows: workflowsIn([root, found?.top ?? root]),
    husky: huskyOf(root, found),
    status: seen,
    databaseFault: await databaseFault(project),
    hasRows: await hasRows(opened),
    // One that cannot be read is another check's matter.
    notKept: (await project.database.describe().catch(() => undefined))?.notKept,
    asSuperuser: await project.database.isSuperuser?.().catch(() => undefined),
    pointer: await hindered.past(
      checkPointer(project.store, catalog).then(({ problem }) => problem),
      undefined,
    ),
    broken: await hindered.past(brokenOf(opened, repository), []),
    visibility,
    places: await placesOf(project, asking.offline),
    plain:
      project.encryption?.wanted && visibility?.who === 'anyone'
        ? await plainBackups(catalog, repository, relative(found?.top ?? root, base.dir).replaceAll('\\', '/'))
        : undefined,
    hindered: hindered.found,
    secrets: judgesByLook(project.privacy) ? await findSecrets(project).catch(() => undefined) : undefined,
    privacy: project.privacy ?? {},
    alarms: receiversNow(opened.settled.notify, project.local, env),
    named: namedCommands({
      ...asking.given,
      cwd: root,
      folder: base.dir,
      configFile: opened.configFile,
      start: startedBy(found?.manager ?? 'npm'),
    }),
  };
}

const NO_CATALOG: Catalog = { entries: [], conflicts: [], unreadable: [] };

async function placesOf(project: Project, offline: boolean): Promise<Facts['places']> {
  if ((project.remotes ?? []).length === 0) return 'none';
  return offline ? 'not asked' : tryRemotes(project);
}

/** The answer is kept for the hook, which asks nobody. */
async function askedReaders(
  { project }: OpenedProject,
  remote: string | undefined,
  offline: boolean,
): Promise<Visibility | undefined> {
  const readers = await readersOf(remote, offline);
  if (readers !== undefined) rememberReaders(project.local, remote, readers.who);
  return readers;
}

async function hasRows({ project }: OpenedProject): Promise<boolean> {
  try {
    return emptiness(await project.database.state(project.ignoreTables)) === undefined;
  } catch {
    // One that cannot be read is another check's matter.
    return false;
  }
}

async function brokenOf(
  { project: { store } }: OpenedProject,
  repository: Repository | undefined,
): Promise<Facts['broken']> {
  const newest = new Set((await brokenParts(store, { among: 'newest' })).map(({ file }) => file));
  const all = await brokenParts(store, { among: 'all' });
  return Promise.all(
    all.map(async ({ file }) => ({
      file,
      newest: newest.has(file),
      inGit: (await repository?.askMaybe('cat-file', '-e', idOfPart(file) ?? '')) !== undefined,
    })),
  );
}

/** husky runs only from the folder that holds `.git`, whichever package it is installed in. */
function huskyOf(root: string, found: ProjectFacts | undefined): Facts['husky'] {
  const top = found?.top ?? root;
  const bin = 'node_modules/.bin/husky';
  const owner = found?.manifests.find(({ dependencies }) => dependencies.has('husky'));
  const home = owner === undefined ? top : dirname(owner.path);
  const under = relative(top, home).replaceAll('\\', '/');
  const folder = under === '' ? [] : [`${under}/.husky`];
  const inHome = existsSync(resolve(home, bin));
  const [start = '', ...words] = under !== '' && inHome ? [`${under}/${bin}`, ...folder] : ['npx', 'husky', ...folder];
  const there = relative(root, top).replaceAll('\\', '/');
  const command = program(start, ...words);
  return {
    installed: inHome || existsSync(resolve(top, bin)),
    command: there === '' ? command : inFolder(there, command),
  };
}
