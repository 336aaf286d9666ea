import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const PIECE = 1024 * 1024;
/** How long to wait for more where there is none yet, in milliseconds. */
const LOOK_AGAIN = 3;

/**
 * The bytes of a file while somebody writes it from its beginning to its end, in pieces that last and may end anywhere. `writing` is over once
 * nothing more comes; what it throws, this throws.
 */
export async function* growingFile(file: string, writing: Promise<unknown>): AsyncGenerator<Buffer> {
  let isOver = false;
  const ending = writing.finally(() => {
    isOver = true;
  });
  // It is heard of below, or by whoever writes.
  ending.catch(() => {});
  let handle: FileHandle | undefined;
  try {
    for (let at = 0; ; ) {
      // Asked before it is read: what was written until then is read.
      const isLast = isOver;
      if (isLast) await ending;
      // It is not there at once, and Windows lets nobody read what somebody writes.
      handle ??= await open(file, 'r').catch((error: unknown) => {
        if (isLast) throw error;
        return undefined;
      });
      const piece = Buffer.allocUnsafeSlow(PIECE);
      const bytes = handle === undefined ? 0 : (await handle.read(piece, 0, PIECE, at)).bytesRead;
      at += bytes;
      if (bytes > 0) yield piece.subarray(0, bytes);
      else if (isLast) return;
      else await Promise.race([ending, sleep(LOOK_AGAIN)]);
    }
  } finally {
    await handle?.close();
  }
}
