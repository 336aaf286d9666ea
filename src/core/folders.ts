import { faultInFilePath } from './file-path.ts';

/**
 * A folder of files that lies outside of the project, or goes by another name than its place.
 * @example
 * ```ts
 * import type { FolderConfig } from 'overwinter';
 * export const uploads: FolderConfig = { name: 'data/uploads', folder: '/data/uploads' };
 * ```
 */
export interface FolderConfig {
  /** What it is called in backups, wherever it lies. */
  readonly name: string;
  readonly folder: string;
}

/**
 * How much of files is saved, in megabytes.
 * @example
 * ```ts
 * import type { FileLimits } from 'overwinter';
 * export const fileLimits: FileLimits = { file: 200, all: 2000 };
 * ```
 */
export interface FileLimits {
  /** A larger file is left out, and named. Default: 100. */
  readonly file?: number;
  /** Where all files have more together, no backup is written. Default: 1000. */
  readonly all?: number;
}

export const DEFAULT_LIMITS = { file: 100, all: 1000 } as const;

/** Folders as a configuration names them. */
export type FoldersConfig = readonly (string | FolderConfig)[];

export const FOLDERS_EXAMPLE = "['data/uploads']";

/** What is wrong with the name of a folder, as the end of a sentence. */
export function faultInFolderName(name: string): string | undefined {
  const fault = faultInFilePath(name);
  return fault === undefined ? undefined : `calls a folder '${name}', which ${fault}`;
}

/** Two folders of which one lies in the other: its files would be saved twice. */
export function nested(names: readonly string[]): readonly [string, string] | undefined {
  for (const [at, name] of names.entries())
    for (const other of names.slice(at + 1))
      if (`${other}/`.startsWith(`${name}/`) || `${name}/`.startsWith(`${other}/`)) return [name, other];
  return undefined;
}
