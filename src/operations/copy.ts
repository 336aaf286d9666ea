import { manifestFile } from '../core/names.ts';
import { writeAnyManifest } from '../format/any-manifest.ts';
import { storedFiles } from '../format/sealed.ts';
import type { Batch, ReadableStore } from '../stores/store.ts';
import type { Opened } from './catalog.ts';
import { type OnProgress, silent } from './project.ts';
import { writeQueue } from './write-parts.ts';

/** Brings the parts of a backup that the other store does not have whole, and then what names them. */
export async function copyBackup(
  from: ReadableStore,
  to: Batch,
  parts: Pick<Opened, 'manifest'>,
  { name, manifest }: Pick<Opened, 'name' | 'manifest'>,
  onProgress: OnProgress = silent,
): Promise<void> {
  const present = to.limits.sharesNothing ? new Map<string, number>() : await to.list('parts');
  const missing = storedFiles(parts.manifest).filter(({ file, bytes }) => present.get(file) !== bytes);
  const total = missing.reduce((sum, { bytes }) => sum + bytes, 0);
  let brought = 0;
  const queue = writeQueue(to.limits.atOnce);
  try {
    for (const { file, bytes } of missing)
      await queue.add(bytes, async () => {
        const part = await from.read(file, { most: bytes });
        if (part !== undefined) await to.put(file, part);
        brought += bytes;
        onProgress('copying', brought, total);
      });
  } finally {
    // After a failure too, nothing is written behind anybody's back.
    await queue.done();
  }
  await to.publish(manifestFile(name), Buffer.from(writeAnyManifest(manifest).text));
}
