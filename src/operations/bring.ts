import { hintOf, reasonOf } from '../core/errors.ts';
import { copyStopped, storeSilent } from '../core/problems/stores.ts';
import { OWN_TRIGGERS } from '../core/triggers.ts';
import { noteCopied, noteNotCopied } from '../local/copied.ts';
import { isReadable, type Remote } from '../stores/store.ts';
import { attended } from './attended.ts';
import { readCatalog } from './catalog.ts';
import { copyNewest } from './copy-newest.ts';
import { parcelOf } from './parcel.ts';
import { type Copied, type NotDue, type OnProgress, type Project, silent } from './project.ts';
import { prune } from './prune.ts';
import { mustNotBePublic } from './public-remote.ts';
import { asked } from './remotes.ts';

export interface Bringing {
  /** Stops it: no backup that is not whole comes to stand there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  /**
   * How long nothing may go on, in milliseconds, before it counts as stuck: a disk that answers no more says nothing at all. A place that is bounded
   * has the other.
   */
  readonly patience?: number;
  readonly longest?: number;
}

const PATIENCE_MS = 10 * 60_000;
/** The whole push of a large backup is one step over a slow line, and says nothing. What hangs in a way that nobody thought of is ended at last. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * Brings the newest backup to another place, thins out there what watching made, and notes for `status` what came of it. Undefined where
 * there is no backup yet. Throws PUBLIC_REMOTE, what was refused, and what the place throws; where that is stuck or told to stop, it is left alone
 * with what it was at.
 */
export async function bringNewest(
  project: Project,
  remote: Remote,
  { signal, onProgress = silent, patience = PATIENCE_MS, longest = LONGEST_MS }: Bringing = {},
): Promise<Copied | NotDue | undefined> {
  const { local, store, now } = project;
  const quiet = remote.isBounded ? longest : patience;
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let heard = () => {};
  const ended = new Promise<never>((_, reject) => {
    const stop = (problem: unknown) => {
      reject(problem);
      end.abort();
    };
    heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => stop(storeSilent(remote.label, Math.round(quiet / 1000))()), quiet);
    };
    const told = () => stop(copyStopped(remote.label)());
    if (signal?.aborted) told();
    signal?.addEventListener('abort', told, { once: true, signal: end.signal });
  });
  ended.catch(() => {});
  heard();
  try {
    const bringing = bringTo(project, remote, { signal: end.signal, heard, onProgress });
    bringing.catch(() => {});
    const copied = await Promise.race([bringing, ended]);
    if (copied !== undefined && copied.status !== 'later') noteCopied(local, store.id, remote.id, copied.name, now());
    return copied;
  } catch (error) {
    // Whoever stops it knows why.
    if (!signal?.aborted)
      noteNotCopied(local, store.id, remote.id, {
        time: now().toISOString(),
        message: reasonOf(error),
        hint: hintOf(error),
      });
    throw error;
  } finally {
    clearTimeout(timer);
    end.abort();
  }
}

interface Watched {
  readonly signal: AbortSignal;
  readonly heard: () => void;
  readonly onProgress: OnProgress;
}

async function bringTo(
  project: Project,
  remote: Remote,
  { signal, heard, onProgress }: Watched,
): Promise<Copied | NotDue | undefined> {
  mustNotBePublic(project, await remote.publicAs?.());
  const opened = remote.open(signal);
  if (!isReadable(opened)) {
    const [newest] = (await readCatalog(project.store)).entries;
    if (newest === undefined) return undefined;
    const { name, metadata } = newest;
    const { rows } = metadata;
    const delivered = await opened.deliver(parcelOf(project, newest, remote.label));
    if (delivered.is === 'later') return { status: 'later', name, rows, at: delivered.at };
    return { status: delivered.is === 'there' ? 'there' : 'copied', name, rows, isHandedOver: true };
  }
  const copied = await asked(project, remote, opened).batch(async (batch) => {
    const there = attended(batch, signal, heard);
    const found = await copyNewest(project, there, onProgress);
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
