import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { diskFull, notWritable } from '../core/problems.ts';

export const SIDE_FILES = ['-wal', '-shm', '-journal'] as const;

/** Where a new database is built before it takes the old one's place: beside it, so that a rename is all it needs. */
export function asideOf(db: string): string {
  return `${db}-overwinter`;
}

function fsync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export function removeDatabase(db: string): void {
  for (const suffix of ['', ...SIDE_FILES]) rmSync(db + suffix, { force: true });
}

/** Puts a finished database in the place of another in one step. The other must be settled: free of side files. */
export function swapIn(finished: string, db: string): void {
  try {
    fsync(finished);
    for (const suffix of SIDE_FILES) rmSync(db + suffix, { force: true });
    renameSync(finished, db);
    fsync(dirname(db));
  } catch (error) {
    throw fileProblem(db, error);
  }
}

/** Moves a database that cannot be read, with its side files, to where nothing overwrites it. Returns that place. */
export function setAside(db: string, folder: string, stamp: string): string {
  const target = join(folder, `${basename(db)}-${stamp}`);
  for (const suffix of [...SIDE_FILES, '']) {
    try {
      renameSync(db + suffix, target + suffix);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw fileProblem(db, error);
    }
  }
  return target;
}

export function makeParent(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw fileProblem(dirname(path), error);
  }
}

function fileProblem(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path)(error);
  if (['EACCES', 'EPERM', 'EROFS', 'EXDEV', 'ENOTDIR', 'EEXIST'].includes(code)) return notWritable(path)(error);
  return error;
}
