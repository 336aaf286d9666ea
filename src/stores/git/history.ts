import type { Metadata } from '../../core/manifest.ts';
import { nameOfManifest } from '../../core/names.ts';
import { readAnyManifest } from '../../format/any-manifest.ts';
import { peekMetadata } from '../../format/read-metadata.ts';
import { openObjects } from '../../git/objects.ts';
import type { Repository } from '../../git/repository.ts';
import { LARGEST_FILE } from '../store.ts';

/** A backup as some commit brought it, whether it is still in the folder or not. */
export interface Committed {
  readonly name: string;
  readonly metadata: Metadata;
  /** The newest commit that brought it: what `restore --at` takes. */
  readonly commit: string;
  /** The id of its manifest: one name may have stood for several backups. */
  readonly id: string;
}

export interface History {
  /** Newest first. */
  readonly backups: readonly Committed[];
  /** Manifests that a commit brought and that cannot be read. */
  readonly unreadable: readonly { readonly name: string; readonly commit: string }[];
  /** Older commits were not fetched into this clone. */
  readonly shallow: boolean;
}

interface Added {
  readonly name: string;
  readonly commit: string;
  readonly id: string;
}

const READS_AT_ONCE = 64;

/**
 * Every backup that a commit on any branch, tag or remote branch ever brought; `inside` is the backups folder from the top. Git
 * is asked three questions, however many commits there are, and the work tree none.
 */
export async function committedBackups(repository: Repository, inside: string): Promise<History> {
  const shallow = (await repository.ask('rev-parse', '--is-shallow-repository')) === 'true';
  const added = await manifestsAdded(repository, inside);
  const backups: Committed[] = [];
  const unreadable: { name: string; commit: string }[] = [];
  const objects = openObjects(repository);
  try {
    for (let i = 0; i < added.length; i += READS_AT_ONCE) {
      await Promise.all(
        added.slice(i, i + READS_AT_ONCE).map(async ({ name, commit, id }) => {
          const blob = await objects.blob(id, LARGEST_FILE);
          const metadata = metadataIn(Buffer.isBuffer(blob) ? blob.toString('utf8') : undefined);
          if (metadata === undefined) unreadable.push({ name, commit });
          else backups.push({ name, metadata, commit, id });
        }),
      );
    }
  } finally {
    objects.close();
  }
  return { backups: backups.sort(newestFirst), unreadable, shallow };
}

/** Simplified, git would leave out branches whose backups a merge threw away; the parts are many and tell nothing here. */
async function manifestsAdded(repository: Repository, inside: string): Promise<Added[]> {
  const log = ['-c', 'log.showSignature=false', 'log', '--all', '--full-history', '--no-color', '--format=commit %H'];
  const changes = ['--raw', '-c', '-z', '--no-abbrev', '--no-renames', '--no-ext-diff', '--ignore-submodules'];
  const folder = inside === '' ? '' : `${inside}/`;
  const only = [`:(top,literal)${inside === '' ? '.' : inside}`, `:(top,literal,exclude)${folder}parts`];
  const listed = await repository.run([...log, ...changes, '--', ...only], { env: { GIT_LITERAL_PATHSPECS: '0' } });
  const found = new Map<string, Added>();
  let commit = '';
  let id: string | undefined;
  for (const token of listed.toString('utf8').split('\0')) {
    const word = token.replace(/^\n+/, '');
    if (word.startsWith('commit ')) commit = word.slice('commit '.length);
    // A merge tells of every parent's file and, last, of its own.
    else if (word.startsWith(':')) id = /([0-9a-f]{40,64}) [A-Z]+\d*$/.exec(word)?.[1];
    else if (id !== undefined) {
      const name = word.startsWith(folder) ? nameOfManifest(word.slice(folder.length)) : undefined;
      const key = `${name} ${id}`;
      if (name !== undefined && !/^0+$/.test(id) && !found.has(key)) found.set(key, { name, commit, id });
      id = undefined;
    }
  }
  return [...found.values()];
}

function metadataIn(text: string | undefined): Metadata | undefined {
  if (text === undefined) return undefined;
  const peeked = peekMetadata(text);
  if (peeked !== undefined) return peeked;
  try {
    return readAnyManifest('', text).manifest.metadata;
  } catch {
    return undefined;
  }
}

function newestFirst(a: Committed, b: Committed): number {
  const dates = Date.parse(b.metadata.backup_date) - Date.parse(a.metadata.backup_date);
  return dates || (a.name < b.name ? 1 : -1);
}
