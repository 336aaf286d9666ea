import type { FileContent } from './file-line.ts';
import type { Part } from './manifest.ts';
import { pieceFile } from './names.ts';

/** What a backup says of the files that were saved beside the rows. The files themselves are named in the parts of the list. */
export interface SavedFiles {
  readonly folders: readonly SavedFolder[];
  /** The parts of the list, in the order of the paths in them. */
  readonly list: readonly FileSlice[];
}

/** A folder of the configuration, and how much of it was saved. */
export interface SavedFolder {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/** A part of the list, whose `rows` are lines of files, and the pieces of those files that do not stand in their lines. */
export interface FileSlice {
  readonly part: Part;
  readonly pieces: readonly Part[];
}

export const partsOfFiles = ({ list }: SavedFiles): Part[] => list.flatMap(({ part, pieces }) => [part, ...pieces]);

/** The same files, with each part changed. */
export const withFileParts = ({ folders, list }: SavedFiles, change: (part: Part) => Part): SavedFiles => ({
  folders,
  list: list.map(({ part, pieces }) => ({ part: change(part), pieces: pieces.map(change) })),
});

/** How many files there are in all folders, and of how many bytes. */
export function totalFiles(folders: readonly SavedFolder[]): { readonly files: number; readonly bytes: number } {
  let [files, bytes] = [0, 0];
  for (const folder of folders) {
    files += folder.files;
    bytes += folder.bytes;
  }
  return { files, bytes };
}

/** The parts that hold a file's pieces, in order, as far as they are among these; none for what stands in its line. */
export function piecesOf(content: FileContent, among: readonly Part[]): Part[] {
  if ('bytes' in content) return [];
  const known = new Map(among.map((piece) => [piece.file, piece]));
  return content.pieces.flatMap((id) => known.get(pieceFile(id)) ?? []);
}
