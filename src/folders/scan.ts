import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, type Stats } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { settledMtime } from '../core/file-line.ts';
import { faultInFilePath, isNeverSaved } from '../core/file-path.ts';
import { folderIsNone, folderLinked } from '../core/problems/files.ts';
import { absentOr } from '../core/read-problem.ts';
import { size } from '../core/words.ts';
import { lstatIfThere } from '../files/if-there.ts';
import type { Folder, WantedFiles } from './wanted.ts';

/** A plain file in one of the folders. */
export interface FoundFile {
  /** The folder's name and the path inside it, with slashes. */
  readonly path: string;
  /** Where it lies. */
  readonly file: string;
  readonly bytes: number;
  readonly mode: number;
  readonly mtime: number;
  /** Changes when somebody writes to it; undefined where that was so lately that another change might not show. */
  readonly mark: string | undefined;
}

/** Something in a folder that no backup can hold, and why, as the end of a sentence. */
export interface LeftOutFile {
  readonly path: string;
  readonly why: string;
}

export interface Scan {
  /** In the order of their paths. */
  readonly files: readonly FoundFile[];
  readonly leftOut: readonly LeftOutFile[];
  /** The names of folders that are not there at all. */
  readonly missing: readonly string[];
}

/** A change within so long after another may leave a file's times as they are. */
const FRESH_MS = 2000;

/**
 * What lies in the folders: every plain file, and what is passed over. Nothing is opened, and no link is followed. Throws NOT_OURS where a
 * folder is reached through a link, CONFIG_INVALID where it is none, and NOT_READABLE for what cannot be looked at.
 */
export function scanFolders(wanted: WantedFiles, now: Date): Scan {
  const files: FoundFile[] = [];
  const leftOut: LeftOutFile[] = [];
  const missing: string[] = [];
  const never = new Set(wanted.never);
  const walk = (folder: string, path: string) => {
    for (const { name, text, kind } of entriesOf(folder)) {
      const at = join(folder, text);
      if (never.has(at) || isNeverSaved(text)) continue;
      const inside = `${path}/${text}`;
      const fault = isText(name, text) ? faultInFilePath(inside, text) : 'has a name that is no valid text';
      if (fault !== undefined) leftOut.push({ path: inside, why: fault });
      else if (kind === 'folder') walk(at, inside);
      else if (kind !== 'file') leftOut.push({ path: inside, why: `is ${kind}` });
      else {
        const stat = lstatIfThere(at);
        if (stat === undefined || !stat.isFile()) continue;
        const bytes = stat.size;
        if (bytes > wanted.largest) leftOut.push({ path: inside, why: tooLarge(bytes, wanted) });
        else files.push({ path: inside, file: at, bytes, ...lookOf(stat, now) });
      }
    }
  };
  for (const folder of wanted.folders) {
    if (isFolder(wanted, folder)) walk(folder.path, folder.name);
    else missing.push(folder.name);
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), leftOut, missing };
}

const tooLarge = (bytes: number, { largest }: WantedFiles): string =>
  `has ${size(bytes)}, and files of at most ${size(largest)} are saved (fileLimits)`;

/** What a file looks like from outside. */
export function lookOf(stat: Stats, now: Date): Pick<FoundFile, 'mode' | 'mtime' | 'mark'> {
  const isFresh = Math.max(stat.mtimeMs, stat.ctimeMs) > now.getTime() - FRESH_MS;
  return {
    mode: stat.mode & 0o777,
    mtime: settledMtime(stat.mtimeMs),
    mark: isFresh ? undefined : markOf(stat),
  };
}

/** Whoever sets a file's time back cannot set back when that was done. Times are in milliseconds with what is left of a nanosecond. */
export const markOf = ({ ino, size: bytes, mtimeMs, ctimeMs }: Stats): string =>
  `${ino}:${bytes}:${mtimeMs}:${ctimeMs}`;

/** So late that nothing was written lately: for whoever compares with what was found long enough after. */
export const LATER = new Date(8.64e15);

/** One mark for all that was found; undefined where something was written so lately that another change might not show. */
export function markOfScan({ files, leftOut, missing }: Scan): string | undefined {
  if (files.some(({ mark }) => mark === undefined)) return undefined;
  const hash = createHash('sha1');
  for (const { path, mode, mark } of files) hash.update(`${path}\0${mode}\0${mark}\n`);
  return hash.update(JSON.stringify([leftOut, missing])).digest('hex');
}

/** Whether it is there. Throws NOT_OURS and CONFIG_INVALID. */
export function isFolder({ top }: Pick<WantedFiles, 'top'>, { path, name }: Folder): boolean {
  for (let at = path; at === path || at.startsWith(`${top}${sep}`); at = dirname(at))
    if (lstatIfThere(at)?.isSymbolicLink()) throw folderLinked(at, name)();
  const found = lstatIfThere(path);
  if (found !== undefined && !found.isDirectory()) throw folderIsNone(path)();
  return found !== undefined;
}

/** Whether there is no plain file in a folder, or no folder. Throws as `scanFolders` does. */
export function holdsNoFile(wanted: WantedFiles, folder: Folder): boolean {
  const never = new Set(wanted.never);
  const isBare = (path: string): boolean =>
    entriesOf(path).every(({ text, kind }) => {
      const at = join(path, text);
      if (never.has(at) || isNeverSaved(text)) return true;
      return kind === 'folder' ? isBare(at) : kind !== 'file';
    });
  return !isFolder(wanted, folder) || isBare(folder.path);
}

interface Seen {
  readonly name: Buffer;
  readonly text: string;
  readonly kind: 'file' | 'folder' | 'a link' | 'no plain file';
}

/** What is in a folder that may go meanwhile. */
function entriesOf(folder: string): Seen[] {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }).map((entry) => {
      const { name } = entry;
      return { name, text: name.toString('utf8'), kind: kindOf(entry) };
    });
  } catch (error) {
    absentOr(folder, error);
    return [];
  }
}

function kindOf(entry: Pick<Dirent<Buffer>, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): Seen['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'a link' : 'no plain file';
}

const isText = (name: Buffer, text: string) => Buffer.from(text).equals(name);
