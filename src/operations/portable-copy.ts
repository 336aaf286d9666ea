import { FORMAT, type Metadata } from '../core/manifest.ts';
import { manifestFile } from '../core/names.ts';
import { noSnapshot } from '../core/problems/backups.ts';
import { writeManifest } from '../core/write-manifest.ts';
import type { Staged } from '../engines/engine.ts';
import { codecFor } from '../format/codec-for.ts';
import { isSealed } from '../format/sealed.ts';
import { withScratch } from '../local/scratch.ts';
import { folderStore } from '../stores/folder/folder-store.ts';
import { openBackup } from './catalog.ts';
import { collect } from './collect.ts';
import type { Project } from './project.ts';
import { slicesIn } from './read-parts.ts';
import { storeSink } from './write-parts.ts';

const NAME = 'snapshot';

/** Writes all that a database holds, with nothing left out, as a backup into a folder of its own. Throws what reading and writing throw. */
export async function copyPortably(project: Project, folder: string): Promise<void> {
  const { database } = project;
  await withScratch(project.local, 'snapshot', async (scratch) => {
    const reading = await database.read(scratch);
    try {
      await folderStore(folder).batch(async (batch) => {
        const { content, digest, tables, rows, bytes } = await collect(reading, storeSink(batch), () => {});
        const metadata: Metadata = {
          format: FORMAT,
          backup_date: project.now().toISOString(),
          version: '1.0',
          database_type: database.codec.databaseType,
          origin: { environment: project.environment, trigger: 'snapshot' },
          content: digest,
          tables,
          rows,
          bytes,
        };
        await batch.publish(manifestFile(NAME), Buffer.from(writeManifest({ ...content, metadata }).text));
      });
    } finally {
      await reading.close();
    }
  });
}

/** What lies in such a folder, to be put in place, or only looked at in a `scratch` folder. Throws BACKUP_DAMAGED, and what staging throws. */
export async function stagePortably({ database }: Project, folder: string, scratch?: string): Promise<Staged> {
  const store = folderStore(folder);
  const { manifest } = await openBackup(store, NAME);
  const isOurs = !isSealed(manifest) && codecFor(NAME, manifest.metadata) === database.codec;
  if (!isOurs) throw noSnapshot(database.label)();
  const staged = await database.stage('replace', scratch);
  try {
    await staged.load(manifest, slicesIn(store, manifest.data), () => {});
    return staged;
  } catch (error) {
    await staged.discard();
    throw error;
  }
}
