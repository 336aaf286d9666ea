import { readFileSync } from 'node:fs';
import { unlessHindered } from '../core/damage.ts';
import { githubRepository, type Visibility, visibilityIn } from '../core/public-remote.ts';
import { isThere } from '../files/if-there.ts';
import { localPath, readLocal, writeLocal } from './place.ts';

const NAME = 'readers.json';

/** Keeps who could read a remote when somebody last asked; that nobody knows is not worth keeping. */
export function rememberReaders(
  local: string,
  remote: string | undefined,
  who: 'anyone' | 'not-anyone' | 'unknown',
): void {
  if (remote === undefined || who === 'unknown') return;
  writeLocal(local, NAME, `${JSON.stringify({ remote, who })}\n`);
}

/** Whether there is anything to know: most repositories were never asked about. */
export const remembersReaders = (local: string) => isThere(localPath(local, NAME));

/** What this machine last heard of a remote, without asking anybody. */
export function knownVisibility(local: string, remote: string | undefined): Visibility | undefined {
  try {
    const known: { remote?: unknown; who?: unknown } = JSON.parse(readLocal(local, NAME) ?? '');
    if (known.remote === undefined || known.remote !== remote) return undefined;
    return known.who === 'anyone' ? 'public' : 'private';
  } catch (error) {
    return unlessHindered(error);
  }
}

/** What the event says that started a workflow. Nobody has to be asked there. */
export function visibilityInEvent(file: string | undefined, remote: string | undefined): Visibility | undefined {
  const repository = githubRepository(remote);
  try {
    if (repository === undefined) return undefined;
    return visibilityIn(JSON.parse(readFileSync(file ?? '', 'utf8')), repository);
  } catch {
    return undefined;
  }
}
