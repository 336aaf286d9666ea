import { type FileLine, readFileLine } from '../core/file-line.ts';
import { JsonSyntaxError } from '../core/json.ts';
import type { Part } from '../core/manifest.ts';
import { backupDamaged } from '../core/problems/backups.ts';
import { type FileSlice, piecesOf, type SavedFiles } from '../core/saved-files.ts';
import type { ReadableStore } from '../stores/store.ts';
import { readPart } from './read-parts.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/** The lines of one part of the list, checked. Throws BACKUP_DAMAGED. */
export async function readFileLines(store: ReadableStore, { part }: FileSlice): Promise<FileLine[]> {
  const text = (await readPart(store, part)).toString('utf8');
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length !== part.rows)
    throw backupDamaged(part.file, `does not hold the ${part.rows} files that it is said to hold`)();
  try {
    return lines.map(readFileLine);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw backupDamaged(part.file, `holds ${error.message}`)(error);
    throw error;
  }
}

/** A file of a backup, with the parts that hold it where it does not stand in its line. */
export interface SavedFile {
  readonly line: FileLine;
  readonly pieces: readonly Part[];
}

/**
 * Every file of a backup in order, held to what the manifest says: no path twice, none inside of a file, each in one of the folders, as many and
 * as large as counted. Their bytes are not read. Throws BACKUP_DAMAGED.
 */
export async function* savedFilesIn(store: ReadableStore, files: SavedFiles): AsyncGenerator<SavedFile> {
  const left = new Map(files.folders.map(({ name, files: count, bytes }) => [name, { count, bytes }]));
  let before = '';
  const parents: string[] = [];
  for (const slice of files.list) {
    const wrong = (what: string) => backupDamaged(slice.part.file, what)();
    for (const line of await readFileLines(store, slice)) {
      const { path, bytes, content } = line;
      if (path <= before) throw wrong('holds files in another order than that of their paths');
      before = path;
      // What lies in a file would come after it, with nothing between but what begins so, too.
      while (parents.length > 0 && !path.startsWith(parents.at(-1) ?? '')) parents.pop();
      if (parents.some((parent) => path.startsWith(`${parent}/`))) throw wrong('holds a file inside of another');
      parents.push(path);
      const folder = [...left].find(([name]) => path.startsWith(`${name}/`))?.[1];
      if (folder === undefined) throw wrong(`holds a file of no folder: ${path}`);
      folder.count--;
      folder.bytes -= bytes;
      const named = piecesOf(content, slice.pieces);
      const held = 'bytes' in content ? bytes : named.reduce((sum, piece) => sum + piece.bytes, 0);
      if (('pieces' in content && named.length !== content.pieces.length) || held !== bytes)
        throw wrong(`names other pieces of ${path} than are listed`);
      yield { line, pieces: named };
    }
    await yieldToEventLoop();
  }
  for (const [name, { count, bytes }] of left)
    if (count !== 0 || bytes !== 0)
      throw backupDamaged(`The list of files in ${name}`, 'holds other files than its manifest counts')();
}

/** The bytes of a file, piece by piece, checked. Throws BACKUP_DAMAGED. */
export async function* bytesOf(store: ReadableStore, { line, pieces }: SavedFile): AsyncGenerator<Uint8Array> {
  if ('bytes' in line.content) yield line.content.bytes;
  else for (const piece of pieces) yield await readPart(store, piece);
}
