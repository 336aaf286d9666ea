import { hintOf, reasonOf } from '../core/errors.ts';
import { OWN_TRIGGERS } from '../core/triggers.ts';
import { noteCopied, noteNotCopied } from '../local/copied.ts';
import { isReadable, type Remote } from '../stores/store.ts';
import { readCatalog } from './catalog.ts';
import { copyNewest } from './copy-newest.ts';
import { parcelOf } from './parcel.ts';
import type { Copied, NotDue, Project } from './project.ts';
import { prune } from './prune.ts';
import { mustNotBePublic } from './public-remote.ts';
import { asked } from './remotes.ts';

/**
 * Brings the newest backup to another place, thins out there what watching made, and notes for `status` what came of it. Undefined where
 * there is no backup yet. Throws PUBLIC_REMOTE, what was refused, and what the place throws.
 */
export async function bringNewest(project: Project, remote: Remote): Promise<Copied | NotDue | undefined> {
  const { local, store, now } = project;
  try {
    const copied = await bringTo(project, remote);
    if (copied !== undefined && copied.status !== 'later') noteCopied(local, store.id, remote.id, copied.name, now());
    return copied;
  } catch (error) {
    noteNotCopied(local, store.id, remote.id, {
      time: now().toISOString(),
      message: reasonOf(error),
      hint: hintOf(error),
    });
    throw error;
  }
}

async function bringTo(project: Project, remote: Remote): Promise<Copied | NotDue | undefined> {
  mustNotBePublic(project, await remote.publicAs?.());
  const opened = remote.open();
  if (!isReadable(opened)) {
    const [newest] = (await readCatalog(project.store)).entries;
    if (newest === undefined) return undefined;
    const { name, metadata } = newest;
    const { rows } = metadata;
    const delivered = await opened.deliver(parcelOf(project, newest, remote.label));
    if (delivered.is === 'later') return { status: 'later', name, rows, at: delivered.at };
    return { status: delivered.is === 'there' ? 'there' : 'copied', name, rows, isHandedOver: true };
  }
  const copied = await asked(project, remote, opened).batch(async (there) => {
    const found = await copyNewest(project, there);
    const isNew = found?.status === 'copied' || (found?.status === 'refused' && found.isNew);
    if (found !== undefined && isNew)
      await thin({ ...project, store: there }, found.name).catch((error: unknown) => {
        // Where nothing is done as one step the copy is there, whatever becomes of older ones: the key may not be allowed to remove any.
        if (there.limits.replaces) throw error;
      });
    return found;
  });
  // Said only now that it is kept: had that failed, that would be the news.
  if (copied?.status === 'refused') throw copied.problem;
  return copied;
}

/** Of the backups that watching made the old ones go, there as here; what was just brought stays. */
async function thin(there: Project, brought: string): Promise<void> {
  await prune(
    there,
    there.retention,
    false,
    ({ name, metadata }) => name !== brought && OWN_TRIGGERS.includes(metadata.origin.trigger),
  );
}
