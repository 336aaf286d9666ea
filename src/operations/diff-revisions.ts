import { OverwinterError } from '../core/errors.ts';
import { noCommonCommit, noRepository, revisionNotFound } from '../core/problems/git.ts';
import { realPath } from '../files/real-path.ts';
import type { Repository } from '../git/repository.ts';
import { gitRevisionStore } from '../stores/git/revision.ts';
import { isLocalFolder, type LocalFolder } from '../stores/store.ts';
import { backupSide, type Diff, diffSides, newestSide, type Side } from './diff.ts';
import { type OnProgress, type Project, silent } from './project.ts';

/**
 * Compares what two words mean, or one and the live database: a backup, the beginning of its name, or a commit of the repository, which stands for
 * the newest backup that it has. `main...HEAD` is what HEAD has, against where it left main. A backup comes before a commit that is called so.
 * Throws what `diff` throws, and REVISION_NOT_FOUND.
 */
export async function diffRevisions(
  project: Project,
  from: string | undefined,
  to: string | undefined,
  rowsToShow: number,
  onProgress: OnProgress = silent,
): Promise<Diff> {
  const [range, first, dots, last] = to === undefined ? (RANGE.exec(from ?? '') ?? []) : [];
  if (range !== undefined && !(await isBackup(project, range))) {
    const [left, right] = [first || 'HEAD', last || 'HEAD'];
    const place = await placeOf(project, range);
    const base = dots === '...' ? await baseOf(place.repository, left, right) : left;
    const before = await revisionSide(project, place, base, left).catch(emptyIfNone(place, left));
    return diffSides(project, before, await revisionSide(project, place, right), rowsToShow, onProgress);
  }
  const before = await sideNamed(project, from ?? 'latest');
  const after = to === undefined ? undefined : await sideNamed(project, to);
  return diffSides(project, before, after, rowsToShow, onProgress);
}

const RANGE = /^(.*?[^.]|)(\.\.\.?)([^.].*|)$/;
/** No name of a backup has such a character. */
const OF_A_REVISION = /[~^:@/{}]/;

const isBackup = (project: Project, name: string) =>
  backupSide(project, name).then(
    () => true,
    (error: unknown) => !isUnknown(error),
  );

const isUnknown = (error: unknown) => error instanceof OverwinterError && UNKNOWN.includes(error.code);
/** There is no such backup, or several; or it cannot be the name of one. */
const UNKNOWN: readonly string[] = ['BACKUP_NOT_FOUND', 'NAME_INVALID', 'USAGE'];

async function sideNamed(project: Project, name: string): Promise<Side> {
  try {
    return await backupSide(project, name);
  } catch (error) {
    if (!isUnknown(error)) throw error;
    if (OF_A_REVISION.test(name)) return revisionSide(project, await placeOf(project, name), name);
    // What is neither is more likely a backup's name that was mistyped.
    const place = await placeOf(project, name).catch(() => undefined);
    if (place === undefined) throw error;
    return revisionSide(project, place, name).catch((other: unknown) => {
      throw isNoRevision(other) ? error : other;
    });
  }
}

const isNoRevision = (error: unknown) => error instanceof OverwinterError && error.code === 'REVISION_NOT_FOUND';

interface Place {
  readonly repository: Repository;
  readonly store: LocalFolder;
}

/** Throws REVISION_NOT_FOUND in another store than the folder, which has no commits, and GIT_FAILED where there is no repository. */
async function placeOf({ store, repository }: Project, revision: string): Promise<Place> {
  if (!isLocalFolder(store)) throw revisionNotFound(revision)();
  const found = await repository?.();
  if (found === undefined) throw noRepository(store.path)();
  return { repository: found, store };
}

async function revisionSide(
  { encryption }: Project,
  { repository, store }: Place,
  revision: string,
  called = revision,
): Promise<Side> {
  const commit = await gitRevisionStore(repository, revision, realPath(store.path));
  const side = await newestSide(commit, encryption);
  return { ...side, label: `${called}:${side.label}` };
}

async function baseOf(repository: Repository, left: string, right: string): Promise<string> {
  for (const each of [left, right]) {
    const found = await repository.askMaybe('rev-parse', '-q', '--verify', '--end-of-options', `${each}^{commit}`);
    if (found === undefined) throw revisionNotFound(each)();
  }
  const base = await repository.askMaybe('merge-base', '--end-of-options', left, right);
  if (base === undefined || base === '') throw noCommonCommit(left, right)();
  return base;
}

/** Where a range begins before the first backup, all its rows are new. */
const emptyIfNone =
  ({ store }: Place, left: string) =>
  (error: unknown): Side => {
    if (!(error instanceof OverwinterError && error.code === 'NO_BACKUP')) throw error;
    return { label: `${left}, which has no backup,`, content: { schema: [], settings: {}, data: new Map() }, store };
  };
