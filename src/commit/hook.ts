import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { blobId } from '../core/digest.ts';
import { OverwinterError, reasonOf } from '../core/errors.ts';
import { idOfPart } from '../core/names.ts';
import { mustNotBePublic } from '../destinations/public-remote.ts';
import { findPlace, foreignEnvironment } from '../git/place.ts';
import { currentBranch, defaultBranch, headCommit, indexedBlobs, stagedPaths, stateOf } from '../git/questions.ts';
import { type Environment, openRepository, type Repository } from '../git/repository.ts';
import { leftStaged, rememberStaged, resync, stage } from '../git/staging.ts';
import { knownVisibility, remembersReaders } from '../local/readers.ts';
import { backup } from '../operations/backup.ts';
import { readCatalog } from '../operations/catalog.ts';
import type { Project } from '../operations/project.ts';
import { leftOutLine, privacyNotes } from '../project/privacy-words.ts';
import { filesOfBackup, superseded } from './contribution.ts';
import { heal } from './heal.ts';

export interface HookOptions {
  /** Where the hook runs: in the repository that is being committed. */
  readonly cwd: string;
  /** The backups folder. */
  readonly backups: string;
  readonly env: Environment;
  /** Gets whole lines for people; nothing at all where there is nothing to say. */
  readonly log: (line: string) => void;
  /** Lets a failure stop the commit: it is thrown instead of told. */
  readonly strict?: boolean;
}

export type HookResult =
  | { readonly status: 'saved' | 'unchanged'; readonly name: string; readonly rows: number }
  | { readonly status: 'skipped'; readonly reason: string }
  | { readonly status: 'failed'; readonly error: unknown };

/**
 * Saves the database into the commit that is being made. The commit is the user's: a failure is one line that names the
 * command which helps, and never stops it, unless asked to be strict.
 */
export async function preCommit(project: Project, options: HookOptions): Promise<HookResult> {
  return guarded(options, 'the commit goes on without a backup', async () => {
    const off = reasonToStayOut(options.env);
    if (off !== undefined) return skipped(off);
    const { kind } = await project.database.state(project.ignoreTables);
    // A fresh clone has no database yet, and is not to be disturbed.
    if (kind === 'missing') return skipped('there is no database');
    if ((kind === 'blank' || kind === 'no-tables') && (await readCatalog(project.store)).entries.length === 0)
      return skipped('there is nothing to save yet');
    const repository = await openRepository(options.cwd, options.env);
    const folder = repository && (await folderIn(repository, options));
    if (repository === undefined || folder === undefined) return skipped('the backups are in another repository');
    const state = stateOf(repository);
    if (state !== undefined && state !== 'merging') return skipped(`git is ${state}`);
    if (state !== 'merging' && (await stagedPaths(repository)).length === 0) return skipped('nothing is staged');
    return saveInto(repository, folder, project, options);
  });
}

/** After the commit: tidies what `git commit -- path` could not. It can be left out; most commits need nothing. */
export async function postCommit(options: Omit<HookOptions, 'strict'>): Promise<HookResult> {
  return guarded(options, "'git status' may show the backup's files as changed", async () => {
    const repository = await openRepository(options.cwd, options.env);
    if (repository === undefined) return skipped('this is no repository');
    await resync(repository);
    return skipped('there is nothing to save after a commit');
  });
}

async function saveInto(
  repository: Repository,
  folder: string,
  project: Project,
  { log }: HookOptions,
): Promise<HookResult> {
  const { store } = project;
  if (remembersReaders(project.local)) {
    const origin = await repository.askMaybe('config', 'remote.origin.url');
    mustNotBePublic(project, origin, knownVisibility(project.local, origin));
  }
  const inFolder = (file: string) => (folder === '' ? file : `${folder}/${file}`);
  const left = (await leftStaged(repository)).filter((path) => path.startsWith(inFolder('')));
  const { healed } = await heal(repository, store, { among: 'newest' });
  const [branch, main] = await Promise.all([currentBranch(repository), defaultBranch(repository)]);
  const onMain = branch !== undefined && branch === main;
  // Elsewhere only files are added: two branches that both move the pointer could not be merged.
  const at = { ...project, commit: headCommit(repository) };
  const saved = await backup(at, { trigger: 'pre-commit', leavePointer: !onMain });
  const files = [...(await filesOfBackup(store, saved.name, onMain)), ...healed];
  const gone =
    saved.status === 'created'
      ? await superseded(
          store,
          left.map((path) => path.slice(inFolder('').length)),
          saved.name,
        )
      : [];
  const indexed = await indexedBlobs(repository, folder);
  const add: string[] = [];
  for (const file of files) {
    const id = idOfPart(file) ?? blobId((await store.read(file)) ?? Buffer.alloc(0));
    if (indexed.get(inFolder(file)) !== id) add.push(inFolder(file));
  }
  const remove = gone.map(inFolder);
  await stage(repository, { add, remove });
  for (const file of gone) await store.remove(file);
  // A backup that somebody else wrote is theirs to throw away, even if this commit never happens.
  const ours = saved.status === 'created' ? add : [];
  await rememberStaged(repository, [...left.filter((path) => !remove.includes(path)), ...ours]);
  if (saved.status === 'created') {
    const left = leftOutLine(saved);
    log(`overwinter: ${saved.rows} rows saved as ${saved.name}.${left === undefined ? '' : ` ${left}`}`);
    for (const note of privacyNotes(saved, project.privacy)) log(`overwinter: ${note}`);
  }
  return { status: saved.status === 'created' ? 'saved' : 'unchanged', name: saved.name, rows: saved.rows };
}

/** The backups folder from the top of the work tree; undefined where it lies outside, or in a repository inside. */
export async function folderIn(
  repository: Repository,
  { backups, env }: Pick<HookOptions, 'backups' | 'env'>,
): Promise<string | undefined> {
  const owner = await findPlace(backups, foreignEnvironment(env));
  if (owner !== undefined && realPathOf(owner.place.top) !== realPathOf(repository.top)) return undefined;
  const path = relative(realPathOf(repository.top), realPathOf(backups)).replaceAll('\\', '/');
  return path === '..' || path.startsWith('../') ? undefined : path;
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not made yet: then its parents are what counts.
    const at = path.replace(/[\\/][^\\/]*$/, '');
    return at === path || at === '' ? path : realPathOf(at) + path.slice(at.length);
  }
}

function reasonToStayOut(env: Environment): string | undefined {
  if (env.OVERWINTER === '0') return 'OVERWINTER=0 is set';
  if (env.HUSKY === '0') return 'HUSKY=0 is set';
  // A runner's database is test data.
  if (env.CI !== undefined && !['', '0', 'false'].includes(env.CI)) return 'this is CI';
  return undefined;
}

const skipped = (reason: string): HookResult => ({ status: 'skipped', reason });

async function guarded(
  { log, strict }: Pick<HookOptions, 'log' | 'strict'>,
  consequence: string,
  work: () => Promise<HookResult>,
): Promise<HookResult> {
  try {
    return await work();
  } catch (error) {
    if (strict) throw error;
    const hint = error instanceof OverwinterError ? ` ${error.hint}` : " 'overwinter status' says how things stand.";
    log(`overwinter: ${reasonOf(error).replaceAll('\n', ' ')} (${consequence})${hint}`);
    return { status: 'failed', error };
  }
}
