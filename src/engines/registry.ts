import { fileAt, type Target } from '../core/target.ts';
import type { ContentCodec } from './codec.ts';
import type { Engine, FileForm } from './engine.ts';
import { engines } from './index.ts';

/** What opens a target. */
export const engineFor = (target: Target): Engine => engines[target.kind];

/** How the files are told of whatever would open the one at this path; undefined where nothing here would. */
export const fileFormOf = (path: string): FileForm | undefined => engines[fileAt(path, false).kind].files;

/** Whether a file is made beside a database, and none itself. */
export const isBesideDatabase = (name: string): boolean =>
  Object.values(engines).some((engine) => engine.files?.besides.test(name) === true);

/** How backups of a type of database are read; undefined for a type that nothing here knows. */
export function codecOf(databaseType: string): ContentCodec | undefined {
  return Object.values(engines).find((engine) => engine.codec.databaseType === databaseType)?.codec;
}
