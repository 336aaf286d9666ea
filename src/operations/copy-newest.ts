import { manifestFile, POINTER_FILE } from '../core/names.ts';
import { pointerTo, writePointer } from '../core/pointer.ts';
import { plainFromElsewhere } from '../core/problems/encryption.ts';
import { isSealed, SEALED_FORMAT, storedFiles, writeAnyManifest } from '../core/sealed.ts';
import type { ReadableStore, WritableStore } from '../stores/store.ts';
import { type Entry, newestWhole, type Opened, readCatalog, readPointerFile, withNewest } from './catalog.ts';
import { lossBetween } from './loss-between.ts';
import { mustBeOurs } from './ours.ts';
import type { Copied, Project } from './project.ts';

/**
 * Brings the newest whole backup to another store: parts, then manifest, then pointer. Throws BACKUP_EMPTY and BACKUP_SHRUNK where
 * it would stand there as the newer of one that lost rows, and nobody here has judged that: an app that started without its
 * data has nothing of its own to compare with. Throws ANOTHER_DATABASE where backups of another database are there, and ENCRYPTION_OFF as `mustNotBePlainer` does.
 */
export async function copyNewest(project: Project, to: WritableStore): Promise<Copied | undefined> {
  const here = await readCatalog(project.store);
  const { newest } = await newestWhole(project.store, here.entries);
  if (newest === undefined) return undefined;
  const { name, manifest } = newest;
  mustBeOurs(project, project.store.label, here.entries);
  const { content, rows } = manifest.metadata;
  const there = (await readCatalog(to)).entries;
  if (there.some((entry) => entry.name === name)) return { status: 'there', name, rows };
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
  if (problem) throw problem;
  await to.prepare();
  await copyParts(project.store, to, newest);
  await writeCopy(to, newest);
  await movePointer(to);
  return { status: 'copied', name, rows };
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

/** The parts of a backup that the other store does not have whole. */
export async function copyParts(
  from: ReadableStore,
  to: WritableStore,
  { manifest }: Pick<Opened, 'manifest'>,
): Promise<void> {
  const present = await to.parts();
  for (const { file, bytes } of storedFiles(manifest)) {
    if (present.get(file) === bytes) continue;
    const part = await from.read(file, bytes);
    if (part !== undefined) await to.write(file, part);
  }
}

export async function writeCopy(
  to: WritableStore,
  { name, manifest }: Pick<Opened, 'name' | 'manifest'>,
): Promise<void> {
  await to.write(manifestFile(name), Buffer.from(writeAnyManifest(manifest).text));
  await to.settle();
}

/** Lets the pointer name the newest intact backup. */
export async function movePointer(store: WritableStore): Promise<void> {
  if ((await readCatalog(store)).entries.length === 0) return;
  const text = await withNewest(store, async ({ name, digest, manifest }) =>
    Buffer.from(writePointer(pointerTo(name, digest, manifest))),
  );
  if ((await readPointerFile(store))?.equals(text)) return;
  await store.write(POINTER_FILE, text);
  await store.settle();
}
