import { blobId } from '../core/digest.ts';
import { LATER } from '../folders/look.ts';
import { readFoundFile } from '../folders/read-file.ts';
import type { FoundFile } from '../folders/scan.ts';
import type { WantedFiles } from '../folders/wanted.ts';
import type { SavedFile } from './read-files.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/** Whether a file here is what the backup has: by its bytes, its mode and its time. It is read. */
export async function isSameFile(found: FoundFile, { line }: SavedFile, { largest }: WantedFiles): Promise<boolean> {
  if (found.bytes !== line.bytes || found.mode !== line.mode || found.mtime !== line.mtime) return false;
  const ids: string[] = [];
  const take = async (piece: Uint8Array) => {
    ids.push(blobId(piece));
    await yieldToEventLoop();
    return ids.at(-1) ?? '';
  };
  const read = await readFoundFile(found, Math.max(largest, line.bytes), take, LATER);
  if (read === undefined || read.changing) return false;
  if ('bytes' in line.content) return 'bytes' in read.content && read.content.bytes.equals(line.content.bytes);
  return 'pieces' in read.content && read.content.pieces.join() === line.content.pieces.join();
}
