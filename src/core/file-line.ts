import { faultInFilePath } from './file-path.ts';
import { JsonSyntaxError, parse } from './json.ts';

/** A file of at most so many bytes stands in its line: as a part of its own it would be one file more to write, to stage and to fetch. */
export const SMALL_FILE = 16 * 1024;

/** A larger one is cut into pieces of so many bytes; the last has what is left. */
export const PIECE_BYTES = 8 * 1024 * 1024;

/** One file that was saved. */
export interface FileLine {
  /** The folder's name, and the path inside it. */
  readonly path: string;
  /** The nine bits that say who may do what. */
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  readonly bytes: number;
  /** Somebody wrote to it whenever it was read: what was saved may be half old and half new. */
  readonly changing?: true;
  readonly content: FileContent;
}

/** The bytes themselves, or the ids of the pieces. */
export type FileContent = { readonly bytes: Buffer } | { readonly pieces: readonly string[] };

/** The last moment that a backup can say. */
const LAST_MTIME = Date.UTC(8999, 11, 31);

export const settledMtime = (ms: number): number => Math.min(Math.max(Math.round(ms), 0), LAST_MTIME);

/** A file as one line of the list, without its end. */
export function writeFileLine({ path, mode, mtime, bytes, changing, content }: FileLine): string {
  const fields = {
    path,
    mode: mode.toString(8).padStart(3, '0'),
    mtime: new Date(mtime).toISOString(),
    bytes,
    changing,
  };
  if ('pieces' in content) return JSON.stringify({ ...fields, pieces: content.pieces });
  // JSON writes base64 as it is; to look at each letter of it again takes longer than to make it.
  return `${JSON.stringify(fields).slice(0, -1)},"base64":"${content.bytes.toString('base64')}"}`;
}

/** Throws JsonSyntaxError for whatever is not, to the byte, what a writer wrote. */
export function readFileLine(text: string): FileLine {
  const line = parsed(text);
  if (line === undefined || writeFileLine(line) !== text) throw new JsonSyntaxError('no file in a line of the list');
  const fault = faultInFilePath(line.path);
  if (fault !== undefined) throw new JsonSyntaxError(`a file whose path ${fault}`);
  return line;
}

function parsed(text: string): FileLine | undefined {
  const value = parse(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { path, mode, mtime, bytes, changing, base64, pieces }: Record<string, unknown> = { ...value };
  if (typeof path !== 'string' || typeof mode !== 'string' || !/^[0-7]{3}$/.test(mode)) return undefined;
  if (typeof mtime !== 'string' || Number.isNaN(Date.parse(mtime))) return undefined;
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return undefined;
  const content = contentOf(bytes, base64, pieces);
  if (content === undefined) return undefined;
  const fields = { path, mode: Number.parseInt(mode, 8), mtime: Date.parse(mtime), bytes, content };
  return { ...fields, ...(changing === true ? { changing } : {}) };
}

function contentOf(bytes: number, base64: unknown, pieces: unknown): FileContent | undefined {
  if (typeof base64 === 'string') {
    const content = Buffer.from(base64, 'base64');
    return content.length === bytes && bytes <= SMALL_FILE ? { bytes: content } : undefined;
  }
  if (!Array.isArray(pieces) || pieces.length === 0) return undefined;
  const ids = pieces.filter((id): id is string => typeof id === 'string' && /^[0-9a-f]{40}$/.test(id));
  return ids.length === pieces.length ? { pieces: ids } : undefined;
}
