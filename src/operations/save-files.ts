import { blobId } from '../core/digest.ts';
import { type FileLine, writeFileLine } from '../core/file-line.ts';
import { clashes } from '../core/file-path.ts';
import { endsSlice, markOfSlice } from '../core/file-slices.ts';
import type { Part } from '../core/manifest.ts';
import { partFile, pieceFile } from '../core/names.ts';
import { filesTooLarge } from '../core/problems/files.ts';
import { type FileSlice, piecesOf, type SavedFiles, type SavedFolder } from '../core/saved-files.ts';
import { type FileRead, readFoundFile, readSmallFile } from '../folders/read-file.ts';
import type { FoundFile, LeftOutFile, Scan } from '../folders/scan.ts';
import type { WantedFiles } from '../folders/wanted.ts';
import type { Look, NotedSlice } from './file-notes.ts';
import { type PartSink, writeQueue } from './write-parts.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/** The name of the folder of parts, in the place of a table's. */
const FOLDER = 'files';

export interface FilesSaved {
  readonly files: SavedFiles;
  readonly bytesWritten: number;
  /** What was passed over, and what was saved and needs a word. */
  readonly leftOut: readonly LeftOutFile[];
  /** Somebody wrote to them whenever they were read. */
  readonly changing: readonly string[];
  /** Names that are one where a system ignores case. */
  readonly clashing: readonly string[];
  /** What the files of each slice looked like. */
  readonly looks: readonly (readonly Look[])[];
}

export interface Saving {
  readonly wanted: WantedFiles;
  readonly sink: PartSink;
  /** What the newest backup says of files that may look the same; and how a slice of it is read. */
  readonly noted?: readonly NotedSlice[];
  readonly linesOf?: (slice: FileSlice) => Promise<readonly FileLine[]>;
}

/** Throws CONFIG_INVALID where there is more than may be saved. */
export function mustBeFew(scan: Scan, { folders, largestSum }: WantedFiles): void {
  const bytes = scan.files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > largestSum) throw filesTooLarge(folders.map(({ name }) => name).join(', '), bytes, largestSum)();
}

/** A line, with the pieces that it names, and what its file looked like. */
interface Made {
  readonly line: FileLine;
  readonly pieces: readonly Part[];
  readonly mark: string | undefined;
}

/**
 * Puts the files that were found into the sink: large ones in pieces, small ones in their lines. A file that looks as it did is not read, and a
 * slice of the list whose files all do is taken over as it is. Throws NOT_READABLE, and what the sink throws.
 */
export async function saveFiles(scan: Scan, saving: Saving): Promise<FilesSaved> {
  const { wanted, noted = [] } = saving;
  const queue = writeQueue();
  const list: FileSlice[] = [];
  const looks: Look[][] = [];
  const leftOut = [...scan.leftOut];
  const changing: string[] = [];
  const folders = new Map(wanted.folders.map(({ name }) => [name, { files: 0, bytes: 0 }]));
  let bytesWritten = 0;
  let open: { readonly made: Made; readonly line: Buffer }[] = [];

  const put = async (file: string, bytes: Uint8Array) => {
    bytesWritten += await saving.sink(file, bytes);
  };
  const count = (path: string, bytes: number) => {
    for (const [name, folder] of folders) {
      if (!path.startsWith(`${name}/`)) continue;
      folder.files++;
      folder.bytes += bytes;
    }
  };
  const cut = async () => {
    const [first] = open;
    if (first === undefined) return;
    const bytes = Buffer.concat(open.map(({ line }) => line));
    const file = partFile(FOLDER, blobId(bytes), markOfSlice(first.made.line.path));
    const pieces = new Map(open.flatMap(({ made }) => made.pieces).map((piece) => [piece.file, piece]));
    list.push({ part: { file, rows: open.length, bytes: bytes.length }, pieces: [...pieces.values()] });
    looks.push(open.map(({ made: { line, mark } }): Look => [line.path, line.changing ? undefined : mark]));
    open = [];
    await queue.add(bytes.length, () => put(file, bytes));
  };
  /** Says whether a slice ends with it. */
  const add = (made: Made): boolean => {
    const line = Buffer.from(`${writeFileLine(made.line)}\n`);
    open.push({ made, line });
    count(made.line.path, made.line.bytes);
    if (made.line.changing) changing.push(made.line.path);
    return endsSlice(made.line.path, line.length);
  };
  const readSmall = (found: FoundFile): Made | undefined => {
    const got = readSmallFile(found, wanted.largest, scan.since);
    return got && { line: lineOf(found, got), pieces: [], mark: got.mark };
  };
  const read = async (found: FoundFile): Promise<Made | undefined> => {
    const pieces: Part[] = [];
    const take = async (piece: Uint8Array) => {
      const id = blobId(piece);
      pieces.push({ file: pieceFile(id), rows: 0, bytes: piece.length });
      await queue.add(piece.length, () => put(pieceFile(id), piece));
      return id;
    };
    const got = await readFoundFile(found, wanted.largest, take, scan.since);
    // Of a file that was read again, pieces of before are in nobody's list.
    return got && { line: lineOf(found, got), pieces: piecesOf(got.content, pieces), mark: got.mark };
  };

  try {
    let at = 0;
    for (const part of stretchesOf(scan.files, noted)) {
      if (part.noted !== undefined && open.length === 0 && part.isSame) {
        list.push(part.noted.slice);
        looks.push([...part.noted.looks]);
        for (const { path, bytes } of part.files) count(path, bytes);
        continue;
      }
      const known = part.noted && (await knownLines(part.noted, part.files, saving));
      for (const found of part.files) {
        const made = known?.get(found.path) ?? readSmall(found) ?? (await read(found));
        if (made !== undefined && add(made)) await cut();
        if (++at % 64 === 0) await yieldToEventLoop();
      }
    }
    await cut();
  } finally {
    // After a failure too, nothing is written behind anybody's back.
    await queue.done();
  }
  const counted = [...folders].map(([name, { files, bytes }]): SavedFolder => ({ name, files, bytes }));
  const clashing = clashes(scan.files.map(({ path }) => path));
  return { files: { folders: counted, list }, bytesWritten, leftOut, changing, clashing, looks };
}

const lineOf = ({ path }: FoundFile, { mode, mtime, bytes, content, changing }: FileRead): FileLine => ({
  path,
  mode,
  mtime,
  bytes,
  ...(changing ? { changing } : {}),
  content,
});

interface Stretch {
  readonly files: readonly FoundFile[];
  /** The slice of the newest backup that holds the files between the slice before and its last. */
  readonly noted: NotedSlice | undefined;
  /** Whether all of it, and nothing else, is there and looks as it did. */
  readonly isSame: boolean;
}

/** Divides what was found as the slices of the newest backup divide it. */
function* stretchesOf(files: readonly FoundFile[], noted: readonly NotedSlice[]): Generator<Stretch> {
  let from = 0;
  for (const [at, slice] of noted.entries()) {
    const last = slice.looks.at(-1)?.[0] ?? '';
    let to = from;
    while (to < files.length && (files[to]?.path ?? '') <= last) to++;
    const within = files.slice(from, to);
    const looksSame =
      within.length === slice.looks.length &&
      within.every(({ path, mark }, i) => {
        const look = slice.looks[i];
        return look !== undefined && path === look[0] && mark !== undefined && mark === look[1];
      });
    from = to;
    if (slice.isDue) {
      yield { files: within, noted: undefined, isSame: false };
      continue;
    }
    // The last slice ends where the files end: where more come after it, it may not end there.
    const isSame = looksSame && (at < noted.length - 1 || to === files.length);
    yield { files: within, noted: slice, isSame };
  }
  if (from < files.length) yield { files: files.slice(from), noted: undefined, isSame: false };
}

/** What the newest backup says of those files of a slice that look as they did. */
async function knownLines(
  { slice, looks }: NotedSlice,
  files: readonly FoundFile[],
  { linesOf }: Saving,
): Promise<Map<string, Made>> {
  const marks = new Map(looks);
  const same = files.filter(({ path, mark }) => mark !== undefined && marks.get(path) === mark);
  if (same.length === 0 || linesOf === undefined) return new Map();
  const lines = new Map((await linesOf(slice)).map((line) => [line.path, line]));
  return new Map(
    same.flatMap(({ path, mark }): [string, Made][] => {
      const line = lines.get(path);
      if (line === undefined) return [];
      const { content } = line;
      const named = piecesOf(content, slice.pieces);
      const isWhole = !('pieces' in content) || named.length === content.pieces.length;
      return isWhole ? [[path, { line, pieces: named, mark }]] : [];
    }),
  );
}
