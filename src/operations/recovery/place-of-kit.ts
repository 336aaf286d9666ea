import { type Dirent, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { isPartFile, nameOfManifest, POINTER_FILE } from '../../core/names.ts';
import { kitInBackups, kitInTheWay } from '../../core/problems/restoring.ts';
import { readProblem } from '../../core/read-problem.ts';
import { lstatIfThere, readIfThere } from '../../files/if-there.ts';
import { realPath } from '../../files/real-path.ts';
import { insideOf } from '../../local/place.ts';
import { COMPANIONS, TEMPORARY } from '../../stores/folder/companions.ts';
import { isLocalFolder, type ReadableStore } from '../../stores/store.ts';
import { RECOVER_SCRIPT } from './recover-script.ts';

export const SCRIPT = 'recover.sh';
export const PAGE = 'README.md';
export const BACKUPS = 'backups';

/** How every script of ours begins, of whatever version. */
const MARK = RECOVER_SCRIPT.split('\n').slice(0, 2).join('\n');

/**
 * A kit goes where nothing is, where an empty folder is, and where a kit of ours is and nothing else: all that is there is removed. Throws NAME_TAKEN for
 * anything else, for links, and for what holds the backups themselves or lies among them.
 */
export function mustTakeKit(store: ReadableStore, folder: string): void {
  if (isLocalFolder(store)) {
    const [kit, backups] = [realPath(folder), realPath(store.path)];
    if (insideOf(kit, backups) !== undefined || insideOf(backups, kit) !== undefined)
      throw kitInBackups(folder, store.path)();
  }
  const there = lstatIfThere(folder);
  if (there !== undefined && !(there.isDirectory() && isKit(folder))) throw kitInTheWay(folder)();
}

function isKit(folder: string): boolean {
  const entries = everythingIn(folder);
  if (entries.length === 0) return true;
  const nameOf = (entry: Dirent) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/');
  const files = entries.filter((entry) => !entry.isDirectory());
  const names = files.map(nameOf);
  // Whoever keeps more backups in a kit keeps them.
  const manifests = names.filter((name) => nameOfManifest(inBackups(name) ?? '') !== undefined);
  return (
    files.every((entry) => entry.isFile()) &&
    names.includes(PAGE) &&
    readIfThere(join(folder, SCRIPT))?.startsWith(`${MARK}\n`) === true &&
    manifests.length <= 1 &&
    names.every((name) => name === SCRIPT || name === PAGE || isOfBackup(inBackups(name))) &&
    entries.filter((entry) => entry.isDirectory()).every((entry) => FOLDER.test(nameOf(entry)))
  );
}

function everythingIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true });
  } catch (error) {
    throw readProblem(folder, error);
  }
}

const FOLDER = /^backups(\/parts(\/(sealed|files)(\/[0-9a-f]{2})?)?)?$/;

const inBackups = (name: string): string | undefined =>
  name.startsWith(`${BACKUPS}/`) ? name.slice(BACKUPS.length + 1) : undefined;

/** What a store writes, or whoever died while it wrote. */
const isOfBackup = (name: string | undefined): boolean =>
  name !== undefined &&
  (name === POINTER_FILE ||
    Object.hasOwn(COMPANIONS, name) ||
    nameOfManifest(name) !== undefined ||
    isPartFile(name) ||
    (name.startsWith(TEMPORARY) && !name.includes('/')));
