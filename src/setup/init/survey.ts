import { accessSync, constants, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { readIfThere } from '../../files/if-there.ts';
import { branchAndDefault } from '../../git/branches.ts';
import { isIgnored } from '../../git/questions.ts';
import { openRepository, type Repository } from '../../git/repository.ts';
import { insideOf } from '../../local/place.ts';
import { topOf } from '../../local/tracked.ts';
import type { World } from '../../project/open-project.ts';
import { findOwnProgram } from '../../project/own-package.ts';
import { managerOf } from '../../project/package-manager.ts';
import { HOOKS } from './hook-files.ts';
import { HOOK_FILES } from './hook-system.ts';
import { GIT_KEYS, MERGE_KEY } from './plan-init.ts';
import type { Manifest, ProjectFacts } from './project-facts.ts';
import { MAIN, type MergeProgram, programIn } from './shell.ts';
import { startCommand } from './start-command.ts';

/** What is looked for where `init` looks for it. Reads, and changes nothing. Throws GIT_FAILED. */
export async function survey(
  world: World,
  given: { root: string; databases?: readonly string[]; dir?: string },
): Promise<ProjectFacts> {
  const root = realpathSync(given.root);
  const repository = await openRepository(root, world.env);
  const top = repository && realpathSync(repository.top);
  const folders = top === undefined || top === root ? [root] : [root, top];
  const manifests = folders.map((folder) => join(folder, 'package.json')).flatMap((path) => readManifest(path) ?? []);
  const hooksPath = await repository?.askMaybe('config', 'core.hooksPath');
  const git = await repository?.askMaybe('rev-parse', '--git-path', 'hooks');
  const hooksFolder = git === undefined || top === undefined ? undefined : realPath(resolve(top, git));
  const scripts = [...hookFolders(folders), ...(hooksFolder === undefined ? [] : [hooksFolder, dirname(hooksFolder)])];
  const files = readAll(candidates(root, folders, scripts));
  const settings = await gitConfig(repository);
  return {
    root,
    top,
    under: top === undefined ? '' : relative(top, root).replaceAll('\\', '/'),
    manager: managerOf(folders),
    modernYarn: folders.some(isModernYarn),
    typescript:
      folders.some((folder) => existsSync(join(folder, 'tsconfig.json'))) ||
      manifests.some(({ dependencies }) => dependencies.has('typescript')),
    manifests,
    start: startCommand(root),
    branch: repository && (await branchAndDefault(repository)).main,
    remote: await repository?.askMaybe('config', 'remote.origin.url'),
    hooksPath,
    hooksFolder,
    gitConfig: settings,
    program: mergeProgram(settings.get(MERGE_KEY), folders),
    nodeFolder: folderOfNode(),
    installed: folders.some((folder) => existsSync(join(folder, 'node_modules/overwinter'))),
    plugAndPlay: folders.some((folder) => existsSync(join(folder, '.pnp.cjs'))),
    tracked: await trackedOf(repository, top, given.databases ?? []),
    backupsIgnored:
      given.dir !== undefined &&
      repository !== undefined &&
      (await isIgnored(repository, join(given.dir, 'latest_backup.json'))),
    files,
    notExecutable: new Set([...files.keys()].filter((path) => isHook(path) && !mayExecute(path))),
  };
}

async function trackedOf(
  repository: Repository | undefined,
  top: string | undefined,
  databases: readonly string[],
): Promise<string[]> {
  const tracked: string[] = [];
  for (const db of databases) {
    const isInside = top !== undefined && insideOf(top, realPath(db)) !== undefined;
    const said = isInside ? await repository?.askMaybe('ls-files', '--error-unmatch', '--', db) : undefined;
    if (said !== undefined) tracked.push(realPath(db));
  }
  return tracked;
}

const isHook = (path: string) => HOOKS.some((verb) => path.endsWith(`/${verb}`));
/** husky starts its scripts with `sh`, so they need not be executable. */
const mayExecute = (path: string) => path.includes('/.husky/') || canExecute(path);

function canExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const hookFolders = (folders: readonly string[]) => folders.map((folder) => join(folder, '.husky'));

function candidates(root: string, folders: readonly string[], scripts: readonly string[]): Set<string> {
  const here = ['.gitignore', '.gitattributes', 'overwinter.config.ts', 'overwinter.config.json'];
  const workflows = folders.flatMap((folder) => listed(join(folder, '.github/workflows')));
  return new Set([
    ...here.map((file) => join(root, file)),
    ...folders.flatMap((folder) => ['package.json', ...HOOK_FILES].map((file) => join(folder, file))),
    ...scripts.flatMap((folder) => HOOKS.map((verb) => join(folder, verb))),
    ...workflows.filter((path) => /\/overwinter[^/]*\.yml$/.test(path)),
  ]);
}

const listed = (folder: string) => (existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : []);

function readAll(paths: ReadonlySet<string>): Map<string, string> {
  const present = [...paths].filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  return new Map(present.map((path) => [path, readFileSync(path, 'utf8')]));
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

function isModernYarn(folder: string): boolean {
  const lock = join(folder, 'yarn.lock');
  if (!existsSync(lock)) return false;
  return existsSync(join(folder, '.yarnrc.yml')) || /^__metadata:/m.test(readIfThere(lock) ?? '');
}

function readManifest(path: string): Manifest | undefined {
  try {
    const value: Record<string, Record<string, string> | undefined> = JSON.parse(readIfThere(path) ?? '');
    const { scripts, dependencies, devDependencies } = value;
    return {
      path,
      scripts: scripts ?? {},
      dependencies: new Set([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})]),
      keys: new Set(Object.keys(value)),
    };
  } catch {
    // None, or one that its owner is still writing: nothing can be learned from it.
    return undefined;
  }
}

async function gitConfig(repository: Repository | undefined): Promise<Map<string, string>> {
  const entries = new Map<string, string>();
  for (const key of repository === undefined ? [] : GIT_KEYS) {
    const value = await repository?.askMaybe('config', '--local', key);
    if (value !== undefined) entries.set(key, value);
  }
  return entries;
}

function mergeProgram(present: string | undefined, folders: readonly string[]): MergeProgram | undefined {
  const own = [programIn(present), ...folders.map((folder) => join(folder, 'node_modules', MAIN))];
  const file = own.find((path) => path !== undefined && existsSync(path)) ?? findOwnProgram('main.cjs');
  if (file === undefined) return undefined;
  const slashed = file.replaceAll('\\', '/');
  // A package may be a repository itself; whose branches could bring it is the one that it is installed in.
  const [project = ''] = slashed.split('/node_modules/', 1);
  return { file: slashed, top: topOf(project === slashed ? dirname(file) : project)?.replaceAll('\\', '/') };
}

/** As a shell writes it: on Windows, git's shell knows C:\nodejs as /c/nodejs. */
function folderOfNode(): string {
  const folder = dirname(process.execPath).replaceAll('\\', '/');
  return folder.replace(/^([A-Za-z]):\//, (_, drive: string) => `/${drive.toLowerCase()}/`);
}
