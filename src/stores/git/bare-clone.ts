import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { shortName } from '../../core/digest.ts';
import { OverwinterError, reasonOf } from '../../core/errors.ts';
import { gitFailed, remoteMoved, remoteShut } from '../../core/problems/git.ts';
import type { Environment } from '../../git/environment.ts';
import { execute } from '../../git/execute.ts';
import { remoteEnvironment } from '../../git/remote-access.ts';
import { type Repository, repositoryAt } from '../../git/repository.ts';
import { withLock } from '../../local/lock.ts';
import { emptyLocalFolder, localPath, makeLocalFolder, readLocal, writeLocal } from '../../local/place.ts';

export interface RemotePlace {
  /** Where the repository is that is written to. */
  readonly address: string;
  /** The folder that counts as the top of the branch's files. */
  readonly top: string;
  /** The `.overwinter/` folder. */
  readonly local: string;
  /** Ends whatever git is at. */
  readonly signal?: AbortSignal | undefined;
}

/** One for each address: what one repository has, another is not promised to have. */
export const cacheOf = (address: string) => `remotes/${shortName(address)}`;

/** Another database's backup may be on its way to the same remote. */
const PATIENCE_MS = 60_000;
const MOST_KILOBYTES = 256 * 1024;
const MOST_FILES = 20_000;
const MOST_PACKS = 200;

/** All that the repository's own configuration says: what else stood in it could start programs. */
const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';
/** What git would read besides: settings, attributes, hooks and objects from elsewhere. */
const STRANGERS = ['commondir', 'config.worktree', 'info', 'hooks', 'objects/info/alternates'];

/** Missing objects are missing: only a fetch is told that the remote has them, so that no other command gets them one by one. */
const PROMISED = ['-c', 'remote.origin.promisor=true', '-c', 'remote.origin.partialclonefilter=blob:none'];
const WITHOUT_NEGOTIATION = ['-c', 'fetch.negotiationAlgorithm=noop'];
const QUIET = ['-q', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-maintenance'];

/**
 * Works in a bare repository of our own in `.overwinter/`, a cache of one remote: no history, and of the files those
 * that were asked for. Nothing is in it that the remote does not have, so a broken one is made anew and the work is done
 * again. One at a time, on this machine. Throws what the work throws, and BUSY.
 */
export function inRemoteStore<T>(
  place: RemotePlace,
  env: Environment,
  work: (repository: Repository) => Promise<T>,
): Promise<T> {
  // git locks a repository of depth 1 while it fetches, and whoever comes meanwhile fails.
  return withLock(place.local, localPath(place.local, cacheOf(place.address)), PATIENCE_MS, () =>
    inCache(place, env, work),
  );
}

async function inCache<T>(
  place: RemotePlace,
  env: Environment,
  work: (repository: Repository) => Promise<T>,
): Promise<T> {
  const given = { ...remoteEnvironment(place.address, env), GIT_DIR: localPath(place.local, cacheOf(place.address)) };
  const { repository, isNew } = await openStore(place, given);
  try {
    return await work(repository);
  } catch (error) {
    if (isShut(error)) throw remoteShut(withoutQuery(place.address), Boolean(env.OVERWINTER_GIT_TOKEN))(causeOf(error));
    if (isMoved(error)) throw remoteMoved(withoutQuery(place.address))(causeOf(error));
    if (isNew || place.signal?.aborted || !isGitFailure(error)) throw error;
    discard(place);
    return await work((await openStore(place, given)).repository);
  }
}

async function openStore(place: RemotePlace, env: NodeJS.ProcessEnv) {
  const repository = storeAt(place, env);
  if (isAsWeMadeIt(place) && (await isUsable(repository))) return { repository, isNew: false };
  discard(place);
  emptyLocalFolder(place.local, cacheOf(place.address));
  const { GIT_DIR: folder = '', ...rest } = env;
  const plain = { ...rest, GIT_DEFAULT_HASH: 'sha1', GIT_DEFAULT_REF_FORMAT: 'files' };
  const made = await execute(place.local, plain, ['init', '-q', '--bare', '--template=', '--', folder], undefined);
  if (made.code !== 0) throw gitFailed('init')(new Error(made.stderr.trim()));
  writeLocal(place.local, configOf(place), CONFIG);
  return { repository, isNew: true };
}

/** Git runs what a repository's configuration tells it to, so it only ever runs in one whose configuration is ours to the letter. */
function isAsWeMadeIt(place: RemotePlace): boolean {
  const cache = cacheOf(place.address);
  const stat = (inside: string) => lstatSync(localPath(place.local, inside), { throwIfNoEntry: false });
  if (!stat(cache)?.isDirectory() || !stat(configOf(place))?.isFile()) return false;
  if (STRANGERS.some((name) => stat(`${cache}/${name}`) !== undefined)) return false;
  return readLocal(place.local, configOf(place)) === CONFIG;
}

/** A new one is as good as an old one, so it is not tidied: one that has grown is thrown away. */
async function isUsable(repository: Repository): Promise<boolean> {
  if (!existsSync(join(repository.gitDir, 'HEAD'))) return false;
  // One that git cannot count is broken.
  const counted = await repository.askMaybe('count-objects', '-v').catch(() => undefined);
  const number = (key: string) => Number(new RegExp(`^${key}: (\\d+)$`, 'm').exec(counted ?? '')?.[1] ?? Number.NaN);
  return (
    number('size') + number('size-pack') < MOST_KILOBYTES &&
    number('count') < MOST_FILES &&
    number('packs') < MOST_PACKS
  );
}

function storeAt(place: RemotePlace, env: NodeJS.ProcessEnv): Repository {
  const repository = repositoryAt({ top: place.top, gitDir: folderOf(place) }, env, place.signal);
  return {
    ...repository,
    blobless: {
      settings: PROMISED,
      options: ['--depth=1', '--filter=blob:none'],
      async bring(ids) {
        const lines = (all: readonly string[]) => all.map((id) => `${id}\n`).join('');
        const asked = await repository.run(['cat-file', '--batch-check'], { input: lines(ids) });
        const missing = [...asked.toString('utf8').matchAll(/^([0-9a-f]+) missing$/gm)].map(([, id = '']) => id);
        if (missing.length === 0) return;
        const fetch = [...PROMISED, ...WITHOUT_NEGOTIATION, 'fetch', ...QUIET, '--filter=blob:none', '--stdin'];
        await repository.run([...fetch, 'origin'], { input: lines(missing) });
      },
      discard: () => discard(place),
    },
  };
}

/** Out of the way in one step: another process may be at work in it, and is to fail rather than to find half of it. */
function discard(place: RemotePlace): void {
  const folder = folderOf(place);
  if (!existsSync(folder)) return;
  const aside = join(makeLocalFolder(place.local, 'scratch'), `remote-${randomUUID()}`);
  renameSync(folder, aside);
  rmSync(aside, { recursive: true, force: true });
}

const folderOf = ({ local, address }: RemotePlace) => join(local, cacheOf(address));
const configOf = ({ address }: RemotePlace) => `${cacheOf(address)}/config`;

const isGitFailure = (error: unknown) => error instanceof OverwinterError && error.code === 'GIT_FAILED';
const causeOf = (error: unknown) => (error instanceof Error ? (error.cause ?? error) : error);

/** What git says of 401 and 403; a server that hides what it has says 404. */
function isShut(error: unknown): boolean {
  const said = reasonOf(causeOf(error));
  return /could not read (Username|Password)|Authentication failed|returned error: 40[13]\b/.test(said);
}

const isMoved = (error: unknown): boolean =>
  /returned error: 30\d\b|unable to update url base from redirection/.test(reasonOf(causeOf(error)));

const withoutQuery = (address: string) => address.replace(/[?#].*$/, '');
