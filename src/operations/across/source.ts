import { type Content, rowCount } from '../../core/manifest.ts';
import { leftOutInWords, leftOutOf } from '../../core/privacy/left-out.ts';
import { backupIsPartial } from '../../core/problems/across.ts';
import type { Database, Share } from '../../engines/engine.ts';
import { folderStore } from '../../stores/folder/folder-store.ts';
import { collect } from '../collect.ts';
import type { Project } from '../project.ts';
import { mustBeOfType } from '../put-in-place.ts';
import { slicesIn } from '../read-parts.ts';
import { withChosen } from '../restore.ts';
import type { Slices } from '../row-lines.ts';
import { unseal } from '../unseal.ts';
import { storeSink } from '../write-parts.ts';

/** One moment of a database, which can be gone through again and again. */
export interface Source {
  readonly content: Content;
  readonly rows: number;
  slices(table: string, share?: Share): Slices;
}

/** Reads all of it once, into a folder that goes afterwards: no moment can be held open for as long as a copy takes. */
export async function holdMoment(
  database: Database,
  scratch: string,
  onRows: (done: number, total: number) => void,
): Promise<Source> {
  const reading = await database.read(scratch);
  try {
    const store = folderStore(`${scratch}/moment`);
    const total = reading.tables.reduce((sum, { rows }) => sum + rows, 0);
    let done = 0;
    const content = await store.batch(async (batch) => {
      const collected = await collect(reading, storeSink(batch), (rows) => {
        done += rows;
        onRows(done, total);
      });
      return collected.content;
    });
    return {
      content,
      rows: total,
      slices: slicesIn(store, content.data),
    };
  } finally {
    await reading.close();
  }
}

/** The same of a backup: all of it is there to be gone through already. Throws COPY_REFUSED for one that leaves something out, and what restoring it throws. */
export async function withBackup<T>(project: Project, name: string, use: (source: Source) => Promise<T>): Promise<T> {
  return withChosen(project, { name }, project.database, async (opened, from) => {
    mustBeOfType(project.database, opened);
    const { manifest, store } = await unseal(project.encryption, from, opened);
    const missing = leftOutInWords(leftOutOf(manifest.metadata));
    if (missing !== undefined) throw backupIsPartial(opened.name, missing)();
    return use({
      content: manifest,
      rows: [...manifest.data.values()].reduce((sum, table) => sum + rowCount(table), 0),
      slices: slicesIn(store, manifest.data),
    });
  });
}
