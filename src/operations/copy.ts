import { manifestFile } from '../core/names.ts';
import { storedFiles, writeAnyManifest } from '../core/sealed.ts';
import type { ReadableStore, WritableStore } from '../stores/store.ts';
import type { Opened } from './catalog.ts';

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
