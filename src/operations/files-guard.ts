import type { OverwinterError } from '../core/errors.ts';
import { type FolderLoss, lossesOfFolders } from '../core/file-losses.ts';
import type { Manifest } from '../core/manifest.ts';
import { filesLost } from '../core/problems/files.ts';
import { type SavedFolder, totalFiles } from '../core/saved-files.ts';
import { number } from '../core/words.ts';
import type { Scan } from '../folders/scan.ts';
import type { Opened } from './catalog.ts';
import type { AllowShrink } from './guard.ts';
import type { Project } from './project.ts';
import type { Unsealed } from './unseal.ts';

/**
 * The guard of law 4 for files. Throws BACKUP_SHRUNK where a folder has none or few of the files any more that the newest backup has of it; one that
 * is not there at all has none. Answers the folders of which that is meant.
 */
export function mustKeepFiles(
  { files: wanted, maxShrink }: Project,
  scan: Scan,
  newest: Opened | undefined,
  contents: Unsealed | undefined,
  allow: AllowShrink,
): readonly string[] {
  if (wanted === undefined || newest === undefined) return [];
  const names = wanted.folders.map(({ name }) => name);
  const now = countsOf(names, scan);
  const all = names.join(', ');
  const { files = 0, file_bytes: bytes = 0 } = newest.manifest.metadata;
  // Of one that is shut, nobody here knows more than how many files there are in all.
  const losses =
    contents === undefined
      ? lossesOfFolders([{ name: all, ...totalFiles(now) }], [{ name: all, files, bytes }], maxShrink)
      : lossesOfFolders(now, contents.manifest.files?.folders ?? [], maxShrink);
  const isMeant = ([{ name }]: FolderLoss) => allow === true || (allow !== false && allow.includes(name));
  const lost = losses.filter((loss) => !isMeant(loss));
  if (lost.length > 0) throw problemOf(lost, contents === undefined ? names : lost.map(([{ name }]) => name));
  return losses.map(([{ name }]) => name);
}

/** The same where a backup comes to stand after another one that nobody compared it with; undefined where nothing is lost. */
export function filesLostBetween(now: Manifest, before: Manifest, maxShrink: number): OverwinterError | undefined {
  const isMeant = ([{ name }]: FolderLoss) => (now.memory?.get(name)?.meant ?? '') >= before.metadata.backup_date;
  const all = lossesOfFolders(now.files?.folders ?? [], before.files?.folders ?? [], maxShrink);
  const lost = all.filter((loss) => !isMeant(loss));
  return lost.length === 0
    ? undefined
    : problemOf(
        lost,
        lost.map(([{ name }]) => name),
      );
}

const problemOf = (losses: readonly FolderLoss[], names: readonly string[]) =>
  filesLost(losses.map(([has, had]) => inWords(had.name, has.files, had.files)).join('; '), names)();

function countsOf(names: readonly string[], { files }: Scan): SavedFolder[] {
  return names.map((name) => {
    const own = files.filter(({ path }) => path.startsWith(`${name}/`));
    return { name, files: own.length, bytes: own.reduce((sum, file) => sum + file.bytes, 0) };
  });
}

/** For people: what a folder has, and had. */
const inWords = (name: string, files: number, before: number): string =>
  `${name} has ${files === 0 ? 'none' : number(files)} of its ${number(before)} files`;
