import { shortName } from '../core/digest.ts';
import { faultInFilePath } from '../core/file-path.ts';
import { readLocal, removeLocal, writeLocal } from './place.ts';

/**
 * Files that were made and are to be put in place once the database is replaced: so that who comes after a restore that was killed
 * knows whether to go on. It names no place: the configuration says where the folders are.
 */
export interface Placing {
  /** What the database looked like before it was to be replaced; undefined where it stays. */
  readonly database?: string | undefined;
  /** The folder that the files were made in, by the name of the folder it is in. */
  readonly staging: Readonly<Record<string, string>>;
  readonly files: readonly Move[];
}

/** The number of a file, or of a folder with files in it, among those made, its path in the backup, and whether it takes the place of one that a snapshot keeps. */
export type Move = readonly [number: number, path: string, replaces: boolean];

const nameOf = (db: string) => `placing-${shortName(db)}.json`;

/** On the disk when this returns. Throws DISK_FULL and NOT_WRITABLE. */
export const notePlacing = (local: string, db: string, placing: Placing): void =>
  writeLocal(local, nameOf(db), JSON.stringify(placing));

export const forgetPlacing = (local: string, db: string): void => removeLocal(local, nameOf(db));

export const isPlacing = (local: string, db: string): boolean => readLocal(local, nameOf(db)) !== undefined;

/** Undefined where there is none, or none of ours. */
export function placingOf(local: string, db: string): Placing | undefined {
  const source = readLocal(local, nameOf(db));
  try {
    const { database, staging, files }: Partial<Placing> = JSON.parse(source ?? '');
    const isOurs =
      (database === undefined || typeof database === 'string') && typeof staging === 'object' && Array.isArray(files);
    if (!isOurs || !Object.values(staging).every((name) => typeof name === 'string')) return undefined;
    const isFile = ([number, path, replaces]: readonly unknown[]) => {
      const isPath = typeof path === 'string' && faultInFilePath(path) === undefined;
      return Number.isSafeInteger(number) && isPath && typeof replaces === 'boolean';
    };
    return files.every(isFile) ? { database, staging, files } : undefined;
  } catch {
    return undefined;
  }
}
