import { hint, overwinter } from '../core/hint.ts';
import { usage } from '../core/problems/usage.ts';
import type { LocalProject, Project } from '../operations/project.ts';
import { askedOnce } from '../stores/asked-once.ts';
import { remotesAt } from '../stores/index.ts';
import type { Around, StoreKinds } from '../stores/kind.ts';
import { isReadable, type Remote } from '../stores/store.ts';

/** The places that a word means: those of the project whose addresses begin so, or else the one that it is an address of. Throws USAGE and CONFIG_INVALID. */
export async function remoteNamed(
  { remotes = [] }: LocalProject,
  given: string,
  around: Around,
  kinds: StoreKinds | undefined,
): Promise<Remote> {
  const exact = remotes.find(({ address }) => address === given);
  const begun = remotes.filter(({ address }) => address.startsWith(given));
  if (exact === undefined && begun.length > 1)
    throw usage(
      'Several stores begin so.',
      hint`Name one of them: ${begun.map(({ address }) => `'${address}'`).join(', ')}.`,
    )();
  const [remote] = [exact, ...begun, ...(begun.length > 0 ? [] : await remotesAt([given], around, kinds))].filter(
    (each) => each !== undefined,
  );
  if (remote === undefined) throw usage('There is no such store.', hint`Name one: ${overwinter('push', '--help')}.`)();
  return remote;
}

/**
 * The project with another place in the stead of its folder, for whatever looks into backups or thins them out: what is there is read from
 * there, even where the folder has the same. Throws USAGE for a place that cannot be read from.
 */
export function onStore(project: LocalProject, remote: Remote): Project {
  const opened = remote.open();
  if (!isReadable(opened))
    throw usage(
      `Nothing can be read from ${remote.label}.`,
      hint`${overwinter('list')} shows what the folder has; '--store' takes a place that can be read.`,
    )();
  return {
    ...project,
    store: opened.isCostly ? askedOnce(opened, new Map()) : opened,
    remotes: [],
    elsewhere: remote.label,
  };
}
