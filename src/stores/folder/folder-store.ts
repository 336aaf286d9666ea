import { randomUUID } from 'node:crypto';
import { closeSync, type Dirent, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { reasonOf } from '../../core/errors.ts';
import { absentOr } from '../../core/read-problem.ts';
import { codeOf } from '../../core/system-error.ts';
import { writeProblem } from '../../core/write-problem.ts';
import { exactlyIfThere, lstatIfThere } from '../../files/if-there.ts';
import { realPath } from '../../files/real-path.ts';
import { type Batch, LARGEST_FILE, type Limits, type LocalFolder, type Outside } from '../store.ts';
import { COMPANIONS, TEMPORARY } from './companions.ts';
import { FOLDER_LOCK, holdFolder } from './hold-folder.ts';
import { entriesIn } from './listing.ts';
import { namesOnDisk, synchroniseFile } from './names-on-disk.ts';
import { mustBeNoLink, mustBeNoLinkTo, readPlain, readPlainHead } from './plain-file.ts';
import { together } from './together.ts';

/** How long a writer waits for another, where nobody says. */
const WAIT = 5000;

/** As many folders are brought to the disk beside each other; each is an open file. */
export const FOLDER_LIMITS: Limits = { largestFile: LARGEST_FILE, atOnce: 8, replaces: true };

/** One name for a folder, however it is reached. What cannot be followed fails when it is read. */
function idOf(root: string): string {
  try {
    return realPath(root);
  } catch {
    return root;
  }
}

/** Undefined for what is not there. Throws NOT_READABLE for what may be there. */
async function orAbsent<T>(path: string, work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    // A folder in a file's place is no file.
    return codeOf(error) === 'EISDIR' ? undefined : absentOr(path, error);
  }
}

/**
 * The `backups/` folder itself. What a branch brought must not say where it is: no folder on the way to it from `within`, the top of the
 * project, may be a link. Otherwise NOT_OURS is thrown, by whatever it is used for.
 */
export function folderStore(label: string, within?: string, wait = WAIT): LocalFolder {
  const root = resolve(label);
  const names = namesOnDisk(FOLDER_LIMITS.atOnce);
  const made = new Set<string>();
  const looked = new Set<string>();

  /** Throws BACKUP_DAMAGED where a folder of the store is a link: it would lead what is read and written out of the store. */
  function mustStayInside(folder: string): void {
    if (within !== undefined) mustBeNoLinkTo(root, within);
    // Whoever reads parts has read a manifest before, and a checkout may have brought links since the last time.
    if (folder === '.') looked.clear();
    else mustBeNoLink(root, folder, looked);
  }

  function isInside(folder: string): boolean {
    try {
      mustStayInside(folder);
      return true;
    } catch {
      return false;
    }
  }

  function makeFolder(folder: string): void {
    if (made.has(folder)) return;
    names.touchAbove(folder, mkdirSync(folder, { recursive: true }));
    made.add(folder);
  }

  /**
   * Writes a part that is not there yet, under its own name at once: nothing names it before all parts are on the disk, and one
   * that a dying writer left torn is told by its size and hash. It saves a rename for every part.
   */
  async function writeNewPart(target: string, bytes: Uint8Array): Promise<boolean> {
    try {
      makeFolder(dirname(target));
      const file = openSync(target, 'wx');
      try {
        // Into the system's memory, which takes less time than asking another thread to do it; the disk is waited for beside.
        writeFileSync(file, bytes);
        await synchroniseFile(file);
      } finally {
        closeSync(file);
      }
      names.touch(dirname(target));
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      await rm(target, { force: true }).catch(reasonOf);
      throw writeProblem(target, error);
    }
  }

  async function write(path: string, bytes: Uint8Array): Promise<void> {
    const target = join(root, path);
    mustStayInside(dirname(path));
    if (path.startsWith('parts/') && (await writeNewPart(target, bytes))) return;
    const temporary = join(root, `${TEMPORARY}${randomUUID()}`);
    try {
      makeFolder(dirname(target));
      await writeFile(temporary, bytes, { flush: true });
      await rename(temporary, target);
      names.touch(dirname(target));
    } catch (error) {
      await rm(temporary, { force: true }).catch(reasonOf);
      throw writeProblem(target, error);
    }
  }

  async function remove(path: string): Promise<void> {
    try {
      const target = join(root, path);
      mustStayInside(dirname(path));
      await rm(target, { force: true });
      names.touch(dirname(target));
      if (path.startsWith('parts/')) {
        await removeEmptied(dirname(path)).catch(reasonOf);
        made.clear();
      }
    } catch (error) {
      throw writeProblem(path, error);
    }
  }

  /** A folder within that of the parts goes with its last one; where it still holds some the system refuses, which is the test. */
  async function removeEmptied(folder: string): Promise<void> {
    for (let at = folder; at !== 'parts'; at = dirname(at)) await rmdir(join(root, at));
  }

  /** Removes what a writer that died left half-written. */
  async function tidy(): Promise<void> {
    for (const file of (await store.list('top')).keys())
      if (file.startsWith(TEMPORARY) && file !== FOLDER_LOCK) await remove(file);
  }

  /** Makes the folder, with what belongs to it. */
  async function make(): Promise<void> {
    // Folders may have gone since this store last wrote: a checkout, another process that pruned.
    made.clear();
    mustStayInside('.');
    const missing = Object.entries(COMPANIONS).filter(([file]) => lstatIfThere(join(root, file)) === undefined);
    await together(missing.map(([file, text]) => write(file, Buffer.from(text))));
  }

  const store: LocalFolder = {
    label,
    id: idOf(root),
    path: root,
    limits: FOLDER_LIMITS,

    async list(shelf) {
      mustStayInside('.');
      if (shelf === 'parts') mustBeNoLink(root, 'parts');
      const folder = shelf === 'top' ? root : join(root, 'parts');
      const found = await entriesIn(folder, shelf === 'parts');
      // A link in a manifest's place is named, so that it is not passed over in silence.
      const isSeen = (entry: Dirent) =>
        entry.isFile() || (shelf === 'top' && entry.isSymbolicLink() && entry.name.endsWith('.json'));
      const sizes = new Map<string, number>();
      for (const entry of found.filter(isSeen)) {
        const path = join(entry.parentPath, entry.name);
        // It may be gone by now: pruning goes on beside reading. To ask another thread takes longer than the answer.
        const stat = lstatIfThere(path);
        if (stat !== undefined) sizes.set(relative(root, path).replaceAll(sep, '/'), stat.size);
      }
      return sizes;
    },

    async read(path, range = { most: LARGEST_FILE }) {
      mustStayInside(dirname(path));
      const file = join(root, path);
      return orAbsent(file, () =>
        'first' in range ? readPlainHead(file, path, range.first) : readPlain(file, path, range.most),
      );
    },

    outsides(files) {
      const found = new Map<string, Outside>();
      looked.clear();
      // Nearly all lie in one folder, and each step of the way to it is a question to the system.
      const inside = new Map<string, boolean>();
      for (const file of files) {
        const folder = dirname(file);
        const isOurs = inside.get(folder) ?? isInside(folder);
        inside.set(folder, isOurs);
        const stat = isOurs ? exactlyIfThere(join(root, file)) : undefined;
        if (stat?.isFile())
          found.set(file, { bytes: Number(stat.size), mark: `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` });
      }
      return found;
    },

    async batch(work) {
      mustStayInside('.');
      return holdFolder(root, wait, (first) => {
        names.touchAbove(root, first);
        return batchOf(work);
      });
    },
  };

  async function batchOf<T>(work: (batch: Batch) => Promise<T>): Promise<T> {
    await tidy();
    let making: Promise<void> | undefined;
    const ready = () => {
      making ??= make();
      return making;
    };
    const batch: Batch = {
      ...store,
      batch: (inner) => inner(batch),
      async put(path, bytes) {
        await ready();
        await write(path, bytes);
      },
      async publish(path, bytes) {
        await ready();
        await names.flush();
        await write(path, bytes);
        await names.flush();
      },
      async remove(paths) {
        const parts = paths.filter((path) => path.startsWith('parts/'));
        for (const path of paths) if (!parts.includes(path)) await remove(path);
        if (parts.length > 0) await names.flush();
        for (const path of parts) await remove(path);
        return [];
      },
    };
    const result = await work(batch);
    await names.flush();
    return result;
  }

  return store;
}
