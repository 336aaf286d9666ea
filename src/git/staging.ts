import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../core/errors.ts';
import { headCommit } from './questions.ts';
import type { Repository } from './repository.ts';

/** Paths from the top of the work tree. */
export interface StagedChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** The file in git's folder that a `commit -- path` leaves where post-commit has something to tidy. */
export const RESYNC_MARKER = 'overwinter-resync';

/** What the hook staged, until the commit is known to have happened. */
const STAGED = 'overwinter-staged';

const TRIES = 20;
const PAUSE = 100;

/**
 * Puts exactly these files into the index that is being committed, whether they are ignored or outside a sparse checkout or
 * not: `git add` would refuse. Throws GIT_FAILED.
 */
export async function stage(repository: Repository, change: StagedChange): Promise<void> {
  if (change.add.length + change.remove.length === 0) return;
  await stageInto(repository, repository.index, change);
  if (!isPartialCommit(repository)) return;
  // `commit -- path` commits from an index of its own and has the real one ready under its lock: the files go into both.
  const real = join(repository.gitDir, 'index.lock');
  if (existsSync(real)) {
    const done = await stageInto(repository, real, change).then(
      () => true,
      () => false,
    );
    if (done) return;
  }
  // Otherwise they would show as deleted after the commit, until post-commit tells the real index about them.
  writeFileSync(join(repository.gitDir, RESYNC_MARKER), [...change.add, ...change.remove].join('\0'));
}

/** Inside `git commit -- path` and `--only`. */
function isPartialCommit(repository: Repository): boolean {
  return /^next-index-.*\.lock$/.test(basename(repository.index));
}

async function stageInto(repository: Repository, index: string, { add, remove }: StagedChange): Promise<void> {
  const feed = (flag: string, paths: readonly string[]) =>
    whenUnlocked(index, () =>
      repository.run(['update-index', flag, '-z', '--stdin'], {
        index,
        input: paths.map((path) => `${path}\0`).join(''),
      }),
    );
  if (add.length > 0) await feed('--add', add);
  if (remove.length > 0) await feed('--force-remove', remove);
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
  await whenUnlocked(repository.index, () =>
    repository.run(['reset', '-q', `--pathspec-from-file=${marker}`, '--pathspec-file-nul', 'HEAD']),
  );
  rmSync(marker, { force: true });
}

/** Remembers what was staged, so that the next run knows it for ours if this commit never happens. */
export async function rememberStaged(repository: Repository, paths: readonly string[]): Promise<void> {
  const note = { head: (await headCommit(repository)) ?? '', paths };
  writeFileSync(join(repository.gitDir, STAGED), JSON.stringify(note));
}

/** What an aborted commit left staged: nothing if a commit was made since. */
export async function leftStaged(repository: Repository): Promise<string[]> {
  // A partial commit that was aborted took its index with it.
  rmSync(join(repository.gitDir, RESYNC_MARKER), { force: true });
  try {
    const note: unknown = JSON.parse(readFileSync(join(repository.gitDir, STAGED), 'utf8'));
    if (typeof note !== 'object' || note === null || !('head' in note) || !('paths' in note)) return [];
    if (note.head !== ((await headCommit(repository)) ?? '') || !Array.isArray(note.paths)) return [];
    return note.paths.filter((path): path is string => typeof path === 'string');
  } catch {
    // No note, or half of one: then nothing is known to be ours.
    return [];
  }
}
