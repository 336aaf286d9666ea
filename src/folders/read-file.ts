import { closeSync, fstatSync, readSync, type Stats } from 'node:fs';
import { PIECE_BYTES, SMALL_FILE } from '../core/file-line.ts';
import { absentOr } from '../core/read-problem.ts';
import { codeOf } from '../core/system-error.ts';
import { openAsItIs } from '../files/plain-file.ts';
import { type FileLook, type FreshSince, lookOf, markOf } from './look.ts';

/** A file as it was read. */
export interface FileRead extends FileLook {
  readonly bytes: number;
  /** What the takers of pieces said, in order; or the bytes themselves of a small one. */
  readonly content: { readonly bytes: Buffer } | { readonly pieces: readonly string[] };
  /** Somebody wrote to it whenever it was read. */
  readonly changing: boolean;
}

/** So often a file is read again that somebody wrote to meanwhile. */
const TRIES = 3;

/**
 * Reads a file as it is, piece by piece. `take` is given each piece of a large one, and says its id. Undefined where it is no plain file any
 * more, or none of at most `most` bytes. Throws NOT_READABLE.
 */
export async function readFoundFile(
  { file }: { readonly file: string },
  most: number,
  take: (piece: Uint8Array) => Promise<string>,
  since: FreshSince,
): Promise<FileRead | undefined> {
  for (let left = TRIES; ; left--) {
    const read = await readOnce(file, most, take, since);
    if (read === undefined || !read.changing || left === 1) return read;
  }
}

/**
 * The same at once for a small one, without a promise for each of thousands. Undefined for what is none any more, and where somebody
 * writes to it: that is for `readFoundFile`.
 */
export function readSmallFile(
  { file: path, bytes }: { readonly file: string; readonly bytes: number },
  most: number,
  since: FreshSince,
): FileRead | undefined {
  if (bytes > SMALL_FILE) return undefined;
  const opened = open(path);
  if (opened === undefined) return undefined;
  try {
    if (!opened.stat.isFile() || opened.stat.size > Math.min(SMALL_FILE, most)) return undefined;
    const read = smallFrom(opened, since);
    return read.changing ? undefined : read;
  } catch (error) {
    absentOr(path, error);
    return undefined;
  } finally {
    closeSync(opened.file);
  }
}

function smallFrom({ file, stat }: ReturnType<typeof openAsItIs>, since: FreshSince): FileRead {
  const bytes = readPiece(file, 0, stat.size);
  return {
    ...lookOf(stat, since),
    bytes: bytes.length,
    content: { bytes },
    changing: isChanged(file, stat, bytes.length),
  };
}

async function readOnce(
  path: string,
  most: number,
  take: (piece: Uint8Array) => Promise<string>,
  since: FreshSince,
): Promise<FileRead | undefined> {
  const opened = open(path);
  if (opened === undefined) return undefined;
  const { file, stat: before } = opened;
  try {
    const { size } = before;
    if (!before.isFile() || size > most) return undefined;
    if (size <= SMALL_FILE) return smallFrom(opened, since);
    const pieces: string[] = [];
    let bytes = 0;
    while (bytes < size) {
      const piece = readPiece(file, bytes, Math.min(PIECE_BYTES, size - bytes));
      if (piece.length === 0) break;
      bytes += piece.length;
      pieces.push(await take(piece));
    }
    // One that was emptied meanwhile has no pieces.
    const content = pieces.length === 0 ? { bytes: Buffer.alloc(0) } : { pieces };
    return { bytes, content, changing: isChanged(file, before, bytes), ...lookOf(before, since) };
  } catch (error) {
    absentOr(path, error);
    return undefined;
  } finally {
    closeSync(file);
  }
}

function open(path: string): ReturnType<typeof openAsItIs> | undefined {
  try {
    return openAsItIs(path);
  } catch (error) {
    // A link came into its place.
    return codeOf(error) === 'ELOOP' ? undefined : absentOr(path, error);
  }
}

function readPiece(file: number, from: number, length: number): Buffer {
  const piece = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const some = readSync(file, piece, done, length - done, from + done);
    if (some === 0) break;
    done += some;
  }
  return piece.subarray(0, done);
}

const isChanged = (file: number, before: Stats, bytes: number) =>
  bytes !== before.size || markOf(fstatSync(file)) !== markOf(before);
