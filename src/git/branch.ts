import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../core/errors.ts';
import { pushRefused } from '../core/problems/git.ts';
import type { Environment, Repository } from './repository.ts';
import { indexLine, storeFiles } from './store-files.ts';

/** A file as the branch is to have it. `path` is from the branch's root. */
export type BranchFile =
  | { readonly path: string; readonly bytes: Uint8Array }
  | { readonly path: string; readonly file: string }
  | { readonly path: string; readonly remove: true };

export interface BranchWrite {
  readonly remote: string;
  /** Made, with a root commit of its own, where it does not exist. */
  readonly branch: string;
  readonly message: string;
  /**
   * Called anew for every try, with the commit the branch is at: what to write may depend on what others wrote meanwhile.
   * The commit is here, so a store over that revision can read it. No files, and nothing is written.
   */
  readonly files: (parent: string | undefined) => Promise<readonly BranchFile[]>;
  /** Who commits, where git does not know. */
  readonly identity?: { readonly name: string; readonly email: string };
  readonly sign?: boolean;
  readonly tries?: number;
}

/** What of the world the retries need. */
export interface BranchWorld {
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly log?: (line: string) => void;
}

export type BranchResult =
  | { readonly status: 'pushed'; readonly commit: string; readonly tries: number }
  /** `commit` is missing where there is no such branch. */
  | { readonly status: 'unchanged'; readonly commit: string | undefined; readonly tries: number };

const TRIES = 20;
const LONGEST_PAUSE = 5000;
const LONGEST_WORD = 500;

/**
 * Adds a commit to a branch of a remote without touching the work tree, the index or any branch here. Others may push at the
 * same moment: then it starts again from what they pushed. It never forces. Throws PUSH_REFUSED where the remote will not
 * have it, GIT_FAILED where it cannot be reached.
 */
export async function writeToBranch(
  repository: Repository,
  write: BranchWrite,
  world: BranchWorld,
): Promise<BranchResult> {
  const mark = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const fetched = `refs/overwinter/${mark}`;
  const index = join(repository.gitDir, `overwinter-index-${mark}`);
  const allowed = write.tries ?? TRIES;
  try {
    for (let tries = 1; ; tries++) {
      const parent = await fetchHead(repository, write, fetched);
      const commit = await makeCommit(repository, write, parent, index);
      if (commit === undefined || commit === parent) return { status: 'unchanged', commit, tries };
      const refused = await push(repository, write, commit);
      if (refused === undefined) return { status: 'pushed', commit, tries };
      if (tries >= allowed || isFinal(refused))
        throw pushRefused(write.branch, write.remote, tries, saidBy(refused))(refused);
      world.log?.(`Somebody else wrote to ${write.branch} at the same time: trying again.`);
      await world.sleep(world.random() * Math.min(LONGEST_PAUSE, 50 * 2 ** tries));
    }
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
    await repository.run(['update-ref', '-d', fetched]).catch(reasonOf);
  }
}

/** The branch that a remote shows first; undefined where it has none yet. */
export async function headBranch(repository: Repository, remote: string): Promise<string | undefined> {
  const said = await repository.run(['ls-remote', '--symref', '--', remote, 'HEAD']);
  return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(said.toString('utf8'))?.[1];
}

/** The commit the remote's branch is at, brought here; undefined where there is no such branch yet. */
export async function fetchHead(
  repository: Repository,
  { remote, branch }: Pick<BranchWrite, 'remote' | 'branch'>,
  target: string,
): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  const listed = await repository.run(['ls-remote', '--', remote, ref]);
  // The answer may hold branches that merely end in the same name.
  const lines = listed.toString('utf8').split('\n');
  if (!lines.some((line) => line.endsWith(`\t${ref}`))) return undefined;
  const quiet = ['-q', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-maintenance'];
  const { settings = [], options = [] } = repository.blobless ?? {};
  // Two of us who both brought `origin/…` up to date would be in each other's way.
  const alone = '--refmap=';
  await repository.run([...settings, 'fetch', alone, ...quiet, ...options, '--', remote, `+${ref}:${target}`]);
  const commit = await repository.ask('rev-parse', '--verify', `${target}^{commit}`);
  // What it is known to have, the remote need not send again. In a clone the branch is the user's.
  if (repository.blobless !== undefined) await repository.run(['update-ref', ref, commit]).catch(reasonOf);
  return commit;
}

/** The commit, or the parent itself where nothing would change. */
async function makeCommit(
  repository: Repository,
  write: BranchWrite,
  parent: string | undefined,
  index: string,
): Promise<string | undefined> {
  const files = await write.files(parent);
  if (files.length === 0) return parent;
  await repository.run(['read-tree', parent ?? '--empty'], { index });
  await repository.run(['update-index', '--add', '-z', '--index-info'], {
    index,
    input: await indexLines(repository, files),
  });
  const tree = (await repository.run(['write-tree', '--missing-ok'], { index })).toString('utf8').trim();
  if (parent !== undefined && (await repository.ask('rev-parse', `${parent}^{tree}`)) === tree) return parent;
  const parents = parent === undefined ? [] : ['-p', parent];
  const sign = write.sign ? ['-S'] : [];
  const made = await repository.run(['commit-tree', ...sign, tree, ...parents], {
    input: `${write.message}\n`,
    env: identityOf(write),
  });
  return made.toString('utf8').trim();
}

async function indexLines(repository: Repository, files: readonly BranchFile[]): Promise<string> {
  const onDisk = files.flatMap((file) => ('file' in file ? [file.file] : []));
  const ids = await storeFiles(repository, onDisk);
  const idOf = new Map(ids.map((id, i) => [onDisk[i], id]));
  const lines: string[] = [];
  for (const file of files) {
    if ('remove' in file) lines.push(indexLine(file.path));
    else if ('file' in file) lines.push(indexLine(file.path, idOf.get(file.file)));
    else {
      const stored = await repository.run(['hash-object', '-w', '--no-filters', '--stdin'], { input: file.bytes });
      lines.push(indexLine(file.path, stored.toString('utf8').trim()));
    }
  }
  return lines.join('');
}

function identityOf({ identity }: BranchWrite): Environment {
  if (identity === undefined) return {};
  const { name, email } = identity;
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

/** Undefined when it went through, else what was said. */
async function push(repository: Repository, { remote, branch }: BranchWrite, commit: string): Promise<unknown> {
  const plain = ['-c', 'push.followTags=false', 'push', '-q', '--porcelain', '--no-verify', '--recurse-submodules=no'];
  try {
    await repository.run([...plain, '--', remote, `${commit}:refs/heads/${branch}`]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.cause ?? error) : error;
  }
}

/** What the host itself says of it. */
function saidBy(refused: unknown): string | undefined {
  const lines = [...reasonOf(refused).matchAll(/^remote: *(\S.*?) *$/gm)].map(([, line = '']) => line);
  const said = lines.join(' ').replace(/[.\s]+$/, '');
  return said === '' ? undefined : said.slice(0, LONGEST_WORD);
}

/** A refusal of this very push, as a race is, is worth another try; a hook's "no", or a remote that is not there, is not. */
function isFinal(refused: unknown): boolean {
  const said = reasonOf(refused);
  return !/^!\t/m.test(said) || /hook declined/.test(said);
}
