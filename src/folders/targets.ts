import type { Stats } from 'node:fs';
import { join, sep } from 'node:path';
import { faultInFilePath, isForWindows } from '../core/file-path.ts';
import { fileInTheWay, fileNotForHere } from '../core/problems/files.ts';
import { lstatIfThere } from '../files/if-there.ts';
import { isFolder } from './walk.ts';
import type { Folder, WantedFiles } from './wanted.ts';

/** Where a file of a backup goes here. */
export interface Target {
  readonly folder: Folder;
  /** The path inside the folder, with slashes. */
  readonly inside: string;
  /** Where it lies. */
  readonly file: string;
  readonly isThere: boolean;
  /** The first folder on the way that is not there, as backups say it; undefined where all are. */
  readonly firstMissing?: string;
}

/** Says where files go. One looks at each folder on the way once. */
export interface Targets {
  /**
   * Undefined where the path is in none of the folders of the configuration, which alone decides where is written. Throws NOT_OURS and NOT_WRITABLE
   * where a link, a file or a folder is in the way, and NOT_WRITABLE for a name that cannot be here.
   */
  of(path: string): Target | undefined;
  /** The same of a folder. */
  folder(path: string): Target | undefined;
}

export function targetsIn(wanted: WantedFiles, platform: NodeJS.Platform = process.platform): Targets {
  // Backups and databases lie where they lie.
  const never = new Set(wanted.never);
  const neverInSmall = new Set(wanted.never.map((each) => each.toLowerCase()));
  const looked = new Map<string, boolean>();
  /** Whether a folder on the way is there. */
  const look = (at: string): boolean => {
    const known = looked.get(at);
    if (known !== undefined) return known;
    const found = lstatIfThere(at);
    if (found?.isSymbolicLink()) throw fileInTheWay(at, 'is a link')();
    if (found !== undefined && !found.isDirectory()) throw fileInTheWay(at, 'is no folder')();
    looked.set(at, found !== undefined);
    return found !== undefined;
  };
  const free = new Set<string>();
  const mustBeFree = (at: string): void => {
    if (free.has(at)) return;
    if (never.has(at) || neverInSmall.has(at.toLowerCase()) || at.split(sep).includes('..'))
      throw fileInTheWay(at, 'is a database or holds backups')();
    free.add(at);
  };
  const find = (path: string, isRight: (found: Stats) => boolean): Target | undefined => {
    const fault = faultInFilePath(path);
    if (fault !== undefined) throw fileNotForHere(path, fault)();
    if (platform === 'win32' && !isForWindows(path)) throw fileNotForHere(path, 'has a name that cannot be here')();
    const folder = wanted.folders.find(({ name }) => path.startsWith(`${name}/`));
    if (folder === undefined) return undefined;
    if (!looked.has(folder.path)) looked.set(folder.path, isFolder(wanted, folder));
    const inside = path.slice(folder.name.length + 1);
    const steps = inside.split('/');
    let at = folder.path;
    let isHere = look(at);
    let firstMissing: string | undefined;
    for (const [depth, step] of steps.slice(0, -1).entries()) {
      at = join(at, step);
      mustBeFree(at);
      isHere = isHere && look(at);
      if (!isHere) firstMissing ??= [folder.name, ...steps.slice(0, depth + 1)].join('/');
    }
    const file = join(at, steps.at(-1) ?? '');
    mustBeFree(file);
    const found = isHere ? lstatIfThere(file) : undefined;
    if (found !== undefined && !isRight(found)) throw fileInTheWay(file, whatIs(found))();
    const target = { folder, inside, file, isThere: found !== undefined };
    return firstMissing === undefined ? target : { ...target, firstMissing };
  };
  return {
    of: (path) => find(path, (found) => found.isFile()),
    folder: (path) => find(path, (found) => found.isDirectory()),
  };
}

function whatIs(found: Stats): string {
  if (found.isSymbolicLink()) return 'is a link';
  return found.isDirectory() ? 'is a folder' : 'is no plain file';
}
