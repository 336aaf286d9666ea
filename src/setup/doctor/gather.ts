import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OverwinterError, reasonOf } from '../../core/errors.ts';
import { readIfThere } from '../../files/if-there.ts';
import { SEALED_FORMAT } from '../../format/sealed.ts';
import { execute } from '../../git/execute.ts';
import type { Environment, Repository } from '../../git/repository.ts';
import { type Catalog, everyEntry } from '../../operations/catalog.ts';
import type { Project } from '../../operations/project.ts';
import { committedBackups } from '../../stores/git/history.ts';

/** What this runs on. */
export interface Machine {
  readonly node: string;
  /** The version of its Node-API. */
  readonly nodeApi: string | undefined;
  readonly platform: NodeJS.Platform;
  /** The version of better-sqlite3, where it says so. */
  readonly driver: string | undefined;
}

/** Undefined where there is no git. */
export async function gitVersion(env: Environment): Promise<string | undefined> {
  const said = await execute('.', { ...env }, ['--version'], undefined).catch(() => undefined);
  return said?.code === 0 ? /\d+\.\d+(\.\d+)?/.exec(said.stdout.toString('utf8'))?.[0] : undefined;
}

export function workflowsIn(folders: readonly string[]): string[] {
  const places = [...new Set(folders)]
    .map((folder) => join(folder, '.github/workflows'))
    .filter((each) => existsSync(each));
  const files = places.flatMap((place) => readdirSync(place).map((file) => join(place, file)));
  return files
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => readIfThere(file) ?? '')
    .filter((text) => text.includes('overwinter'));
}

export async function databaseFault(project: Project): Promise<OverwinterError | undefined> {
  try {
    await project.database.state(project.ignoreTables);
    return undefined;
  } catch (error) {
    if (error instanceof OverwinterError) return error;
    throw error;
  }
}

/** Who may read a remote. `asked` is its address without whatever was secret in it. */
export type Visibility =
  | { readonly who: 'anyone' | 'not-anyone'; readonly asked: string }
  | { readonly who: 'unknown'; readonly why: string };

/** How many backups here, or in the history of the repository, are not encrypted. */
export async function plainBackups(
  catalog: Catalog,
  repository: Repository | undefined,
  inside: string,
): Promise<number> {
  const committed = repository === undefined ? [] : (await committedBackups(repository, inside)).backups;
  const plain = [...everyEntry(catalog), ...committed].filter(({ metadata }) => metadata.format !== SEALED_FORMAT);
  return new Set(plain.map(({ name }) => name)).size;
}

const PATIENCE_MS = 4000;

/**
 * Asks the forge, as somebody without a name, for what everybody who clones asks first. The only thing that goes over a network.
 * Undefined where there is no remote that could be asked.
 */
export async function readersOf(
  remote: string | undefined,
  offline: boolean,
  patience = PATIENCE_MS,
): Promise<Visibility | undefined> {
  const address = remote === undefined ? undefined : webAddress(remote);
  if (address === undefined) return undefined;
  if (offline) return { who: 'unknown', why: 'nobody was asked, because of --offline' };
  try {
    const answer = await fetch(`${address}/info/refs?service=git-upload-pack`, {
      redirect: 'manual',
      credentials: 'omit',
      signal: AbortSignal.timeout(patience),
    });
    await answer.body?.cancel();
    const served = answer.status === 200 && answer.headers.get('content-type')?.includes('git-upload-pack');
    if (answer.status >= 500) return { who: 'unknown', why: `${address} answered ${answer.status}` };
    return { who: served ? 'anyone' : 'not-anyone', asked: address };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { who: 'unknown', why: `${address} could not be asked (${reasonOf(cause)})` };
  }
}

/** `git@host:owner/app.git`, `ssh://…` and `https://user:token@…` as the page anybody could ask; undefined for a path. */
export function webAddress(remote: string): string | undefined {
  const scp = /^(?:[\w.-]+@)?([\w.-]+\.[\w-]+):(?!\/\/|\\)(.+)$/.exec(remote);
  if (scp !== null) return `https://${scp[1]}/${scp[2]?.replace(/^\/|\/$/g, '')}`;
  if (!/^(https?|ssh|git):\/\//.test(remote) || !URL.canParse(remote)) return undefined;
  const { protocol, hostname, host, pathname } = new URL(remote);
  const web = protocol === 'http:' || protocol === 'https:';
  return `${web ? protocol : 'https:'}//${web ? host : hostname}${pathname.replace(/\/$/, '')}`;
}
