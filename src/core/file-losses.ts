import type { SavedFolder } from './saved-files.ts';

/** Somebody who deletes a few files has not lost a folder. */
const SOME_FILES = 20;

/** A folder that has none or few of its files any more, as it is and as it was. */
export type FolderLoss = readonly [has: SavedFolder, had: SavedFolder];

/** Folders that lost all or most of their files, or every byte in them. One that nobody names any more is nobody's loss. */
export function lossesOfFolders(
  now: readonly SavedFolder[],
  before: readonly SavedFolder[],
  maxShrink: number,
): readonly FolderLoss[] {
  return now.flatMap((has) => {
    const had = before.find(({ name }) => name === has.name);
    return had !== undefined && isLost(has, had, maxShrink) ? [[has, had] as const] : [];
  });
}

function isLost(has: SavedFolder, had: SavedFolder, maxShrink: number): boolean {
  if (had.files === 0) return false;
  if (has.files === 0) return true;
  // As many files with nothing in them are lost just so.
  if (has.bytes === 0 && had.bytes > 0) return true;
  return had.files >= SOME_FILES && has.files < had.files * (1 - maxShrink);
}
