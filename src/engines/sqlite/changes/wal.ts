import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { heldOpen } from '../held-open.ts';

/**
 * What SQLite's index to a WAL says at its beginning, which is all that two readers of one moment must agree on: how many frames of the WAL
 * were committed. Every commit writes it anew.
 */
export interface WalState {
  readonly bytes: Buffer;
  readonly frames: number;
  readonly salts: Buffer;
}

/** Two copies of it stand there, so that a half-written one is told. */
const STATE_BYTES = 48;
const VERSION = 3_007_000;

const number = (bytes: Buffer, at: number) => (endianness() === 'LE' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));

/** Undefined where there is none, and for one that is being written. */
export function walState(database: string): WalState | undefined {
  try {
    const both = Buffer.alloc(2 * STATE_BYTES);
    const index = `${database}-shm`;
    // Where nobody else has it open SQLite makes its own of the WAL, and puts aside what stands there if it may not write to it.
    accessSync(index, constants.W_OK);
    if (readSync(heldOpen(index).file, both, 0, both.length, 0) < both.length) return undefined;
    const bytes = both.subarray(0, STATE_BYTES);
    if (!bytes.equals(both.subarray(STATE_BYTES)) || number(bytes, 0) !== VERSION || bytes[12] !== 1) return undefined;
    return { bytes, frames: number(bytes, 16), salts: bytes.subarray(32, 40) };
  } catch {
    return undefined;
  }
}

const HEAD_BYTES = 32;
const SALTS_AT = 16;
const FRAME_HEAD = 24;
const FRAME_SALTS_AT = 8;

/** The frames of a WAL as of a moment. */
export interface Wal {
  /** Puts the newest bytes of a page where they belong; false where the WAL has none. */
  take(page: number, into: Buffer): boolean;
  /** Whether nobody has begun to write the WAL anew since; else what was taken may be of another moment. */
  isSame(): boolean;
  close(): void;
}

/** Throws where the WAL is not as its index says. No lock is on a WAL itself, so it may be closed again. */
export function openWal(database: string, { frames, salts }: WalState, pageSize: number): Wal {
  const places = new Map<number, number>();
  const isAt = (file: number) => {
    const head = Buffer.alloc(HEAD_BYTES);
    return readSync(file, head, 0, HEAD_BYTES, 0) === HEAD_BYTES && head.subarray(SALTS_AT, SALTS_AT + 8).equals(salts);
  };
  if (frames === 0) return { take: () => false, isSame: () => true, close: () => {} };
  const file = openSync(`${database}-wal`, 'r');
  const close = () => closeSync(file);
  try {
    if (!isAt(file)) throw new Error('it is not the WAL of this index');
    const head = Buffer.alloc(FRAME_HEAD);
    for (let frame = 0; frame < frames; frame++) {
      const at = HEAD_BYTES + frame * (FRAME_HEAD + pageSize);
      const isWhole = readSync(file, head, 0, FRAME_HEAD, at) === FRAME_HEAD;
      if (!isWhole || !head.subarray(FRAME_SALTS_AT, FRAME_SALTS_AT + 8).equals(salts))
        throw new Error('a frame is missing');
      places.set(head.readUInt32BE(0), at + FRAME_HEAD);
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    take(page, into) {
      const at = places.get(page);
      if (at === undefined) return false;
      if (readSync(file, into, 0, into.length, at) < into.length) throw new Error('a frame is cut');
      return true;
    },
    isSame: () => isAt(file),
    close,
  };
}
