import { join, relative } from 'node:path';
import { OverwinterError } from '../core/errors.ts';
import { realPath } from '../files/real-path.ts';
import { askedOfGit, commitsAnyway } from '../git/asked.ts';
import { foreignEnvironment } from '../git/environment.ts';
import { findPlace, nearestGit } from '../git/place.ts';
import { stagedPaths, stateOf } from '../git/questions.ts';
import { type Environment, openRepository, type Repository } from '../git/repository.ts';
import { holdOf } from '../local/hold.ts';
import { readCatalog } from '../operations/catalog.ts';
import { settleMark } from '../operations/development/mark.ts';
import { mustBeOurs } from '../operations/ours.ts';
import type { LocalProject } from '../operations/project.ts';

export interface Place {
  readonly repository: Repository;
  /** The backups folder from the top. */
  readonly folder: string;
  /** Nothing is staged, and as far as can be seen git makes no commit of that. */
  readonly isEmpty: boolean;
}

/** Why nothing is to be saved. */
export interface Skipped {
  readonly status: 'skipped';
  readonly reason: string;
}

export interface Called {
  /** Where the hook runs: in the repository that is being committed. */
  readonly cwd: string;
  readonly env: Environment;
  /** Gets whole lines for people; nothing at all where there is nothing to say. */
  readonly log: (line: string) => void;
}

/**
 * Where a database is to be saved in the commit that is being made, or why not. Throws ANOTHER_DATABASE where there is none, and the backups are of another. `onRepository` is called as soon as it is known, so that git
 * can be asked beside what is asked here.
 */
export async function whereToSave(
  project: LocalProject,
  options: Called,
  onRepository: (repository: Repository) => void,
): Promise<Place | Skipped> {
  const off = reasonToStayOut(options.env);
  if (off !== undefined) return skipped(off);
  const { kind } = await project.database.state(project.ignoreTables).catch(stateWhereInUse);
  if (kind === 'missing') {
    // A fresh clone has no database yet, and is not to be disturbed; but backups of another one tell of a misspelt name.
    mustBeOurs(project, project.store.label, (await readCatalog(project.store)).entries);
    return skipped('there is no database');
  }
  if ((kind === 'blank' || kind === 'no-tables') && (await readCatalog(project.store)).entries.length === 0)
    return skipped('there is nothing to save yet');
  const repository = await openRepository(options.cwd, options.env);
  const folder = repository && (await folderIn(repository, { backups: project.store.path, env: options.env }));
  if (repository === undefined || folder === undefined) return skipped('the backups are in another repository');
  const state = stateOf(repository);
  if (state !== undefined && state !== 'merging') return skipped(`git is ${state}`);
  onRepository(repository);
  const isEmpty =
    state !== 'merging' && (await stagedPaths(repository)).length === 0 && !(await makesOneAnyway(repository, options));
  await settleMark(project);
  const made = holdOf(project.local, project.database.id)?.madeFor;
  if (made !== undefined) {
    const { label } = project.database;
    options.log(
      `overwinter: ${label} was made for ${made.environment} from ${made.backup}, so this commit carries no new backup of it.`,
    );
    return skipped('it was made for development');
  }
  return { repository, folder, isEmpty };
}

async function makesOneAnyway(repository: Repository, { env }: Called): Promise<boolean> {
  const args = askedOfGit(env);
  return args !== undefined && commitsAnyway(args, (name) => repository.askMaybe('config', `alias.${name}`));
}

/** The backups folder from the top of the work tree; undefined where it lies outside, or in a repository inside. */
export async function folderIn(
  repository: Repository,
  { backups, env }: { readonly backups: string; readonly env: Environment },
): Promise<string | undefined> {
  // To ask git takes longer than to look; a repository that is not where its `.git` is has to be asked.
  if (nearestGit(backups) !== join(realPath(repository.top), '.git')) {
    const owner = await findPlace(backups, foreignEnvironment(env));
    if (owner !== undefined && realPath(owner.place.top) !== realPath(repository.top)) return undefined;
  }
  const path = relative(realPath(repository.top), realPath(backups)).replaceAll('\\', '/');
  return path === '..' || path.startsWith('../') ? undefined : path;
}

function reasonToStayOut(env: Environment): string | undefined {
  if (env.OVERWINTER === '0') return 'OVERWINTER=0 is set';
  if (env.HUSKY === '0') return 'HUSKY=0 is set';
  // A runner's database is test data.
  if (env.CI !== undefined && !['', '0', 'false'].includes(env.CI)) return 'this is CI';
  return undefined;
}

export const skipped = (reason: string): Skipped => ({ status: 'skipped', reason });

/** Somebody has it open, so it is there. */
function stateWhereInUse(error: unknown): { readonly kind: 'rows' } {
  if (isInUse(error)) return { kind: 'rows' };
  throw error;
}

export const isInUse = (error: unknown): error is OverwinterError =>
  error instanceof OverwinterError && error.code === 'DATABASE_LOCKED';
