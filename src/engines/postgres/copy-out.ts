import type { Duplex } from 'node:stream';
import type { Client, Connection } from 'pg';

const DATA = 100;
/** What comes before rows or between them and says nothing of them: that they begin, notices, settings, what others notify. */
const BESIDES = [72, 78, 83, 65];
/** A letter, and a length that counts itself. */
const HEAD = 5;
const OF_LENGTH = 4;

/**
 * What a COPY writes, as it comes. The server sends each row in a message of its own; hundreds of thousands of them are put together where
 * they lie, and no object is made for any. Whatever is none of them goes to the driver, which says how it ended.
 */
export async function* copyOut(client: Client, sql: string): AsyncGenerator<Uint8Array> {
  let stream: Duplex | undefined;
  let giveBack: ((rest: Buffer) => void) | undefined;
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;
  let wake = () => {};
  const onReadable = () => wake();
  client.query({
    submit(connection: Connection) {
      stream = connection.stream;
      giveBack = takeOver(stream, onReadable);
      connection.query(sql);
      wake();
    },
    handleError(error: unknown) {
      failure = { error };
      isOver = true;
      wake();
    },
    handleCommandComplete() {},
    handleReadyForQuery() {
      isOver = true;
      wake();
    },
  });
  const messages = rowMessages();
  while (!isOver) {
    const chunk: unknown = giveBack === undefined ? null : stream?.read();
    if (!(chunk instanceof Buffer)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    const { rows, rest } = messages(chunk);
    if (rest !== undefined) {
      giveBack?.(rest);
      giveBack = undefined;
    }
    if (rows.length > 0) yield rows;
  }
  if (failure !== undefined) throw failure.error;
}

/** Takes the stream from the driver, until it is given back with the first bytes that are the driver's. */
function takeOver(stream: Duplex, onReadable: () => void): (rest: Buffer) => void {
  const listeners = stream.listeners('data');
  stream.removeAllListeners('data');
  stream.pause();
  stream.on('readable', onReadable);
  return (rest) => {
    stream.off('readable', onReadable);
    for (const listener of listeners) {
      Reflect.apply(stream.on, stream, ['data', listener]);
      listener.call(stream, rest);
    }
    process.nextTick(() => stream.resume());
  };
}

interface Taken {
  /** They lie in the chunk itself. */
  readonly rows: Uint8Array;
  /** Where messages of another kind begin: then no more of these come. */
  readonly rest?: Buffer;
}

/** Takes messages apart, wherever chunks end. */
function rowMessages(): (chunk: Buffer) => Taken {
  let begun: Buffer | undefined;
  let left = 0;
  let isRow = false;
  return (chunk) => {
    const bytes = begun === undefined ? chunk : Buffer.concat([begun, chunk]);
    begun = undefined;
    let to = 0;
    for (let at = 0; at < bytes.length; ) {
      if (left > 0) {
        const some = Math.min(left, bytes.length - at);
        if (isRow) {
          bytes.copyWithin(to, at, at + some);
          to += some;
        }
        at += some;
        left -= some;
        continue;
      }
      const kind = bytes[at] ?? 0;
      isRow = kind === DATA;
      if (!isRow && !BESIDES.includes(kind)) return { rows: bytes.subarray(0, to), rest: bytes.subarray(at) };
      if (bytes.length - at < HEAD) {
        begun = bytes.subarray(at);
        break;
      }
      left = bytes.readInt32BE(at + 1) - OF_LENGTH;
      at += HEAD;
    }
    return { rows: bytes.subarray(0, to) };
  };
}
