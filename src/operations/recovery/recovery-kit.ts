import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reasonOf } from '../../core/errors.ts';
import { manifestFile, POINTER_FILE } from '../../core/names.ts';
import { kitOfAnother } from '../../core/problems/restoring.ts';
import { writeProblem } from '../../core/write-problem.ts';
import { codecFor } from '../../format/codec-for.ts';
import { pointerTo, writePointer } from '../../format/pointer.ts';
import { isSealed, storedFiles } from '../../format/sealed.ts';
import { folderStore } from '../../stores/folder/folder-store.ts';
import type { ReadableStore } from '../../stores/store.ts';
import { mustHaveParts, nameMeant, type Opened, openBackup } from '../catalog.ts';
import { copyBackup } from '../copy.ts';
import { withNewest } from '../newest.ts';
import { BACKUPS, mustTakeKit, PAGE, SCRIPT } from './place-of-kit.ts';
import { RECOVER_SCRIPT } from './recover-script.ts';
import { recoveryPage } from './recovery-page.ts';

export interface Kit {
  readonly folder: string;
  /** The backup that is in it. */
  readonly name: string;
  readonly rows: number;
  readonly isEncrypted: boolean;
  readonly bytes: number;
}

/**
 * One folder with a backup and everything that brings it back where there is neither Overwinter nor Node: a script, and a page that
 * explains it. A kit that is there, and nothing but a kit, is replaced. Without a name, the newest that is whole. Throws NO_BACKUP, BACKUP_NOT_FOUND,
 * BACKUP_DAMAGED, NAME_TAKEN where something else is there, or the backups are, NOT_READABLE, USAGE for a database that the script cannot make.
 */
export async function writeRecoveryKit(store: ReadableStore, folder: string, given?: string): Promise<Kit> {
  for (const each of [folder, beside(folder)]) mustTakeKit(store, each);
  const use = (opened: Opened) => write(store, folder, opened);
  if (given === undefined) return withNewest(store, use);
  const opened = await openBackup(store, await nameMeant(store, given));
  await mustHaveParts(store, opened);
  return use(opened);
}

/** Where a kit is made. */
const beside = (folder: string) => `${folder}.part`;

/** Made beside, and put in its place when it is whole. */
async function write(store: ReadableStore, folder: string, opened: Opened): Promise<Kit> {
  const { name, digest, manifest } = opened;
  const { databaseType, name: engine } = codecFor(manifestFile(name), manifest.metadata);
  if (databaseType !== 'sqlite') throw kitOfAnother(engine)();
  const making = beside(folder);
  try {
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true, mode: 0o700 });
    // First, so that what is left where this dies is told from what is somebody else's.
    await writeFile(join(making, PAGE), recoveryPage(name, manifest));
    await writeFile(join(making, SCRIPT), RECOVER_SCRIPT);
    await chmod(join(making, SCRIPT), 0o755);
    await folderStore(join(making, BACKUPS)).batch(async (into) => {
      await copyBackup(store, into, opened, opened);
      await into.publish(POINTER_FILE, Buffer.from(writePointer(pointerTo(name, digest, manifest))));
    });
    await rm(folder, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true });
    await rename(making, folder);
  } catch (error) {
    // Why it could not be made is what matters.
    await rm(making, { recursive: true, force: true }).catch(reasonOf);
    throw writeProblem(folder, error);
  }
  const bytes = storedFiles(manifest).reduce((sum, part) => sum + part.bytes, 0);
  return { folder, name, rows: manifest.metadata.rows, isEncrypted: isSealed(manifest), bytes };
}
