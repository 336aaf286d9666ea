import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../core/errors.ts';
import { gitFailed } from '../core/problems/git.ts';
import { filesOfCommit } from './files-of-commit.ts';
import type { Repository } from './repository.ts';
import { indexLine, storeFiles } from './store-files.ts';

/** Paths from the top of the work tree. */
export interface StagedChange {
  readonly add: readonly StagedFile[];
  readonly remove: readonly string[];
}

/** What an index is to say of a path; without an id, nothing. */
interface Entry {
  readonly path: string;
  readonly id: string | undefined;
}

export interface StagedFile {
  readonly path: string;
  /** The blob id of the bytes that are meant. */
  readonly id: string;
}

/** The file in git's folder that a `commit -- path` leaves where post-commit has something to tidy. */
export const RESYNC_MARKER = 'overwinter-resync';

/** What the hook staged, until the commit is known to have happened. */
const STAGED = 'overwinter-staged';

const TRIES = 20;
const PAUSE = 100;

/**
 * Puts exactly these files into the index that is being committed, to the byte, whether they are ignored or outside a sparse checkout
 * or not: `git add` would refuse, and let attributes decide what becomes of the bytes. Throws GIT_FAILED, also where a file is not what
 * was meant any more.
 */
export async function stage(repository: Repository, change: StagedChange): Promise<void> {
  if (change.add.length + change.remove.length === 0) return;
  const entries = await entriesOf(repository, change);
  await stageInto(repository, repository.index, entries);
  if (!isPartialCommit(repository)) return;
  // `commit -- path` commits from an index of its own and has the real one ready under its lock: the files go into both.
  const real = join(repository.gitDir, 'index.lock');
  if (existsSync(real)) {
    const done = await stageInto(repository, real, entries).then(
      () => true,
      () => false,
    );
    if (done) return;
  }
  // Otherwise they would show as deleted after the commit, until post-commit tells the real index about them.
  writeFileSync(
    join(repository.gitDir, RESYNC_MARKER),
    [...change.add.map(({ path }) => path), ...change.remove].join('\0'),
  );
}

/** Inside `git commit -- path` and `--only`. */
function isPartialCommit(repository: Repository): boolean {
  return /^next-index-.*\.lock$/.test(basename(repository.index));
}

async function entriesOf(repository: Repository, { add, remove }: StagedChange): Promise<Entry[]> {
  const stored = await storeFiles(
    repository,
    add.map(({ path }) => path),
  );
  const other = add.find(({ id }, at) => stored[at]?.length === id.length && stored[at] !== id);
  if (other !== undefined) throw gitFailed(`take ${other.path}, which is not what was written,`)();
  return [...remove.map((path) => ({ path, id: undefined })), ...add.map(({ path }, at) => ({ path, id: stored[at] }))];
}

async function stageInto(repository: Repository, index: string, entries: readonly Entry[]): Promise<void> {
  const lines = entries.map(({ path, id }) => indexLine(path, id)).join('');
  const paths = entries.flatMap(({ path, id }) => (id === undefined ? [] : [path]));
  // Beside each other: a commit waits for each time that git starts.
  const [written, filters] = await Promise.allSettled([
    whenUnlocked(index, () => repository.run(['update-index', '--add', '-z', '--index-info'], { index, input: lines })),
    paths.length === 0 ? undefined : filtersOf(repository, paths),
  ]);
  if (written.status === 'rejected') throw written.reason;
  // Without it git would only read the files once more.
  if (filters.status === 'fulfilled' && filters.value !== undefined)
    await noteTimes(repository, index, paths, filters.value).catch(reasonOf);
}

/** What attributes have done to these files, by name. */
async function filtersOf(repository: Repository, paths: readonly string[]): Promise<Set<string>> {
  const input = nulSeparated(paths);
  const asked = await repository.run(['check-attr', '-z', '--stdin', 'filter'], { input });
  return new Set(
    asked
      .toString('utf8')
      .split('\0')
      .filter((_, at) => at % 3 === 2),
  );
}

const nulSeparated = (paths: readonly string[]) => paths.map((path) => `${path}\0`).join('');

/**
 * Lets an index know when files were written, so that git takes them for unchanged by that. Else it would look at them again, with the
 * filters that attributes name, which are told here to do nothing.
 */
async function noteTimes(
  repository: Repository,
  index: string,
  paths: readonly string[],
  filters: ReadonlySet<string>,
): Promise<void> {
  if ([...filters].some((name) => !/^[\w.-]+$/.test(name))) return;
  const off = [...filters].flatMap((name) =>
    ['clean=', 'process=', 'required=false'].flatMap((setting) => ['-c', `filter.${name}.${setting}`]),
  );
  const refresh = ['add', '--refresh', '--pathspec-from-file=-', '--pathspec-file-nul'];
  await whenUnlocked(index, () => repository.run([...off, ...refresh], { index, input: nulSeparated(paths) }));
}

/** Another program, an editor mostly, may hold the index for a moment. */
async function whenUnlocked<T>(index: string, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      const locked = reasonOf(cause).includes('.lock') || existsSync(`${index}.lock`);
      if (!locked || tries === TRIES) throw error;
      await pause(PAUSE);
    }
  }
}

/** After the commit: gives the real index what only the commit's own index had. Does nothing where nothing was left. */
export async function resync(repository: Repository): Promise<void> {
  rmSync(join(repository.gitDir, STAGED), { force: true });
  const marker = join(repository.gitDir, RESYNC_MARKER);
  if (!existsSync(marker)) return;
  // `git reset` would look through the work tree again, with the filters that attributes name.
  const committed = await filesOfCommit(repository, 'HEAD', '');
  const paths = readFileSync(marker, 'utf8').split('\0').filter(Boolean);
  const entries = paths.map((path) => ({ path, id: committed.get(path) }));
  await stageInto(repository, repository.index, entries);
  rmSync(marker, { force: true });
}

/** Remembers what was staged, so that the next run knows it for ours if this commit never happens. */
export async function rememberStaged(
  repository: Repository,
  head: string | undefined,
  paths: readonly string[],
): Promise<void> {
  const note = { head: head ?? '', paths };
  writeFileSync(join(repository.gitDir, STAGED), JSON.stringify(note));
}

/** What an aborted commit left staged: nothing if a commit was made since. */
export async function leftStaged(repository: Repository, head: string | undefined): Promise<string[]> {
  // A partial commit that was aborted took its index with it.
  rmSync(join(repository.gitDir, RESYNC_MARKER), { force: true });
  try {
    const note: unknown = JSON.parse(readFileSync(join(repository.gitDir, STAGED), 'utf8'));
    if (typeof note !== 'object' || note === null || !('head' in note) || !('paths' in note)) return [];
    if (note.head !== (head ?? '') || !Array.isArray(note.paths)) return [];
    return note.paths.filter((path): path is string => typeof path === 'string');
  } catch {
    // No note, or half of one: then nothing is known to be ours.
    return [];
  }
}
