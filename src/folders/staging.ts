import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reasonOf } from '../core/errors.ts';
import { OWN_PREFIX } from '../core/file-path.ts';
import { codeOf } from '../core/system-error.ts';
import { writeProblem } from '../core/write-problem.ts';
import { namesIn } from '../files/if-there.ts';
import { isFolder } from './walk.ts';
import type { Folder, WantedFiles } from './wanted.ts';

/**
 * Where files are made before they are put in place: a folder in the folder they go to, because only there it is certain that a file is put
 * in place by giving it another name. Its own name keeps it out of backups.
 */
const STAGING = /^\.overwinter-[0-9a-f]{16}$/;

export const isStaging = (name: string): boolean => STAGING.test(name);

export const newStaging = (): string => `${OWN_PREFIX}-${randomBytes(8).toString('hex')}`;

const stagingIn = (wanted: WantedFiles): string[] =>
  wanted.folders.flatMap((folder) =>
    isFolder(wanted, folder)
      ? namesIn(folder.path)
          .filter(isStaging)
          .map((name) => join(folder.path, name))
      : [],
  );

/** Whether a restore is at work, or one that died left something. */
export const hasStaging = (wanted: WantedFiles): boolean => stagingIn(wanted).length > 0;

/** Removes what a restore that died left. The caller holds the lock under which restores are made. */
export function removeStaging(wanted: WantedFiles): void {
  for (const path of stagingIn(wanted)) remove(path);
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    throw writeProblem(path, error);
  }
}

/** Makes the folder that staged files go to, and says which one, of those above it, was new. */
export function makeStaging({ path }: Folder, name: string): string | undefined {
  const folder = join(path, name);
  try {
    const made = mkdirSync(folder, { recursive: true });
    return made === folder ? undefined : made;
  } catch (error) {
    throw writeProblem(folder, error);
  }
}

/** Makes a folder among staged files. */
export function makeStagedFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw writeProblem(path, error);
  }
}

/** Takes away folders that were made and hold nothing, from `path` up to `last`. */
export function removeEmpty(path: string, last: string): void {
  try {
    for (let at = path; at.length >= last.length; at = dirname(at)) rmdirSync(at);
  } catch (error) {
    // Somebody put something into it.
    reasonOf(error);
  }
}

/**
 * Writes a file for this user alone, and then gives it its mode and its time. It is not on the disk yet: to wait for each before the next is made takes
 * ten times as long as to wait for all. Throws DISK_FULL and NOT_WRITABLE.
 */
export function writeSmallStaged(path: string, bytes: Uint8Array, look: Look): void {
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    } finally {
      closeSync(file);
    }
    lookLike(path, look);
  } catch (error) {
    throw writeProblem(path, error);
  }
}

/** The same of one that comes in pieces, which other threads write. */
export async function writeStaged(path: string, pieces: AsyncIterable<Uint8Array>, look: Look): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const piece of pieces)
        for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
    } finally {
      await file.close();
    }
    lookLike(path, look);
  } catch (error) {
    throw writeProblem(path, error);
  }
}

interface Look {
  readonly mode: number;
  readonly mtime: number;
}

function lookLike(path: string, { mode, mtime }: Look): void {
  utimesSync(path, mtime / 1000, mtime / 1000);
  chmodSync(path, mode);
}

/** Gives a staged folder its place, where nothing is. False where that cannot be done in one step. */
export function putFolderInPlace(from: string, to: string): boolean {
  try {
    if (renameIfThere(from, to)) return true;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
    return true;
  } catch (error) {
    // Somebody put something there; or nothing can be put there, as what is in it will say.
    reasonOf(error);
    return false;
  }
}

/** Gives a staged file its place; one that is there goes in the same step. */
export function putFileInPlace(from: string, to: string): void {
  try {
    if (renameIfThere(from, to)) return;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  } catch (error) {
    throw writeProblem(to, error);
  }
}

/** False where the folder to put it in is not there. */
function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
