import { unlessHindered } from '../core/damage.ts';
import type { OverwinterError } from '../core/errors.ts';
import { keptAside } from '../core/kept-aside.ts';
import { isNamedByTime, manifestFile, POINTER_FILE } from '../core/names.ts';
import { plainFromElsewhere } from '../core/problems/encryption.ts';
import { nameTakenThere } from '../core/problems/stores.ts';
import { writeAnyManifest } from '../format/any-manifest.ts';
import { pointerTo, writePointer } from '../format/pointer.ts';
import { isSealed, SEALED_FORMAT } from '../format/sealed.ts';
import type { Batch, ReadableStore, WritableStore } from '../stores/store.ts';
import { type Entry, type Opened, readBackup, readCatalog, readPointerFile } from './catalog.ts';
import { copyBackup } from './copy.ts';
import { keepAside } from './keep-aside.ts';
import { lossBetween } from './loss-between.ts';
import { newestWhole, withNewest } from './newest.ts';
import { mustBeOurs } from './ours.ts';
import { type Copied, type OnProgress, type Project, silent } from './project.ts';

/** What was brought would have lost rows of what is there. */
export interface Refused {
  readonly status: 'refused';
  /** What it is kept as. */
  readonly name: string;
  readonly rows: number;
  /** It was not kept there before. */
  readonly isNew: boolean;
  readonly problem: OverwinterError;
}

/**
 * Brings the newest whole backup to another store: parts, then manifest, then pointer. It is refused, and kept there aside, where
 * it would stand there as the newer of one that lost rows, and nobody here has judged that: an app that started without its
 * data has nothing of its own to compare with. Throws ANOTHER_DATABASE where backups of another database are there, and ENCRYPTION_OFF as `mustNotBePlainer` does.
 */
export function copyNewest(
  project: Project,
  to: WritableStore,
  onProgress: OnProgress = silent,
): Promise<Copied | Refused | undefined> {
  return to.batch((there) => copyInto(project, there, onProgress));
}

async function copyInto(project: Project, to: Batch, onProgress: OnProgress): Promise<Copied | Refused | undefined> {
  const here = await readCatalog(project.store);
  const { newest } = await newestWhole(project.store, here.entries);
  if (newest === undefined) return undefined;
  const { name, manifest } = newest;
  mustBeOurs(project, project.store.label, here.entries);
  const { content, rows } = manifest.metadata;
  const { text } = writeAnyManifest(manifest);
  // By its size as well: where nothing is replaced in one step, a writer that died left half of it.
  const isSized = (await to.list('top')).get(manifestFile(name)) === Buffer.byteLength(text);
  if (isNamedByTime(name) ? isSized : await isSameThere(to, name, text)) return { status: 'there', name, rows };
  const there = (await readCatalog(to)).entries;
  mustBeOurs(project, to.label, there);
  mustNotBePlainer(project, newest, to, there);
  const before = there.find(({ metadata }) => metadata.origin.environment === project.environment);
  const isJudged = here.entries.some((entry) => entry.name === before?.name) || before?.metadata.content === content;
  const problem =
    isJudged || before === undefined
      ? undefined
      : await lossBetween(
          project,
          { opened: newest, store: project.store },
          { entry: before, store: to },
          false,
          `The copy for ${to.label}`,
        );
  if (problem) {
    const aside = await keepAside(project.store, to, newest);
    if (aside === undefined) throw problem;
    const kept = keptAside(problem, aside.name, to.label);
    return { status: 'refused', name: aside.name, rows, isNew: !aside.isThere, problem: kept };
  }
  await copyBackup(project.store, to, newest, newest, onProgress);
  await movePointer(to);
  return { status: 'copied', name, rows };
}

/** A name that a user chose says nothing of what stands under it there. Throws NAME_TAKEN where that is another backup; a torn one is none. */
async function isSameThere(to: ReadableStore, name: string, text: string): Promise<boolean> {
  const there = await readBackup(to, name).catch(unlessHindered);
  if (there === undefined) return false;
  if (writeAnyManifest(there.manifest).text === text) return true;
  throw nameTakenThere(name, to.label)();
}

/**
 * Throws ENCRYPTION_OFF where a plain backup, which was made without the configuration here, would come to stand where encrypted ones
 * do, or are to.
 */
export function mustNotBePlainer(
  { encryption }: Pick<Project, 'encryption'>,
  { name, manifest }: Opened,
  to: ReadableStore,
  there: readonly Entry[],
): void {
  const wanted = encryption?.wanted;
  if (isSealed(manifest) || wanted === false) return;
  if (wanted !== undefined || there[0]?.metadata.format === SEALED_FORMAT) throw plainFromElsewhere(name, to.label)();
}

/** Lets the pointer name the newest intact backup. */
export function movePointer(store: WritableStore): Promise<void> {
  return store.batch(movePointerIn);
}

async function movePointerIn(store: Batch): Promise<void> {
  if (!store.limits.replaces || (await readCatalog(store)).entries.length === 0) return;
  const text = await withNewest(store, async ({ name, digest, manifest }) =>
    Buffer.from(writePointer(pointerTo(name, digest, manifest))),
  );
  if ((await readPointerFile(store))?.equals(text)) return;
  await store.publish(POINTER_FILE, text);
}
