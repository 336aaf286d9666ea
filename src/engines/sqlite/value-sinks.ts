import { isUtf8 } from 'node:buffer';
import type { OverwinterError } from '../../core/errors.ts';

/** Takes the bytes of one long value as they stand in the line, and holds no more than what they mean. */
export interface Sink {
  take(bytes: Uint8Array): void;
  end(): Decoded;
}

export interface Decoded {
  readonly bytes: Uint8Array;
  /** Whether they are those of a text, encoded as the database has it or, where the line had it plain, in UTF-8. */
  readonly kind: 'bytes' | 'text' | 'utf8';
}

export type Fault = (what: string) => OverwinterError;

/** Where decoded values are put. */
export interface Room {
  /** A place for so many bytes, its own until `free`. */
  take(bytes: number): Buffer;
  /** Whoever was given values has done with them. */
  free(): void;
}

/** A place of its own for each value, which then may be given away. */
export const newRoom: Room = { take: (bytes) => Buffer.allocUnsafeSlow(bytes), free: () => {} };

/** The same places again and again: what is thrown away waits in memory until the engine comes round to collect it. */
export function sameRoom(): Room {
  const places: Buffer[] = [];
  let taken = 0;
  return {
    take(bytes) {
      const known = places[taken];
      const place = known !== undefined && known.length >= bytes ? known : Buffer.allocUnsafeSlow(bytes);
      places[taken++] = place;
      return place.subarray(0, bytes);
    },
    free() {
      taken = 0;
    },
  };
}

/** SQLite holds no longer value. */
const LONGEST = 2 ** 31 - 1;
/** Much less than a part, so that the text it is made into for decoding is soon forgotten; and a multiple of four. */
const STEP = 64 * 1024;

/** `most` is what the value can take in its line. */
export function base64Sink(room: Room, most: number, isText: boolean, fault: Fault): Sink {
  const bytes = room.take(Math.min(LONGEST, Math.ceil(most / 4) * 3));
  let filled = 0;
  let isOver = false;
  let rest = '';
  const decode = (text: string) => {
    const full = (text.length / 4) * 3;
    const written = filled + full > bytes.length ? -1 : bytes.write(text, filled, 'base64');
    const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
    if (isOver || written !== full - padding) throw fault('a value that is no base64');
    isOver = padding > 0;
    filled += written;
  };
  return {
    take(some) {
      const { buffer, byteOffset, byteLength } = some;
      const source = Buffer.from(buffer, byteOffset, byteLength);
      for (let at = 0; at < byteLength; ) {
        const end = Math.min(byteLength, at + STEP - rest.length);
        const text = rest + source.toString('latin1', at, end);
        const whole = text.length - (text.length % 4);
        if (whole > 0) decode(text.slice(0, whole));
        rest = text.slice(whole);
        at = end;
      }
    },
    end() {
      if (rest !== '') throw fault('a value that is no base64');
      return { bytes: bytes.subarray(0, filled), kind: isText ? 'text' : 'bytes' };
    },
  };
}

/** A JSON text without its quotes. What it means is never longer, so it is decoded where it stands. */
export function textSink(room: Room, most: number, fault: Fault): Sink {
  const bytes = room.take(Math.min(LONGEST, most));
  let filled = 0;
  return {
    take(some) {
      if (filled + some.length > bytes.length) throw fault('a value too long for a database');
      bytes.set(some, filled);
      filled += some.length;
    },
    end() {
      const raw = bytes.subarray(0, filled);
      if (!isUtf8(raw)) throw fault('what is no text of rows');
      return { bytes: raw.subarray(0, decodeEscapes(raw, fault)), kind: 'utf8' };
    },
  };
}

const BACKSLASH = 92;
const ESCAPES = new Map([...'"\\/bfnrt'].map((name, at) => [name.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(at)]));

/** Puts characters in the place of their escapes; returns how many bytes that leaves. */
function decodeEscapes(bytes: Buffer, fault: Fault): number {
  const none = () => fault('a value that is none');
  let to = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 32) throw none();
    if (byte !== BACKSLASH) {
      bytes[to++] = byte;
      continue;
    }
    const name = bytes[++at] ?? 0;
    const plain = ESCAPES.get(name);
    if (plain !== undefined) {
      bytes[to++] = plain;
      continue;
    }
    let code = codeUnit(bytes, at);
    if (code === undefined) throw none();
    at += 4;
    const low = (code & 0xfc00) === 0xd800 && bytes[at + 1] === BACKSLASH ? codeUnit(bytes, at + 2) : undefined;
    if (low !== undefined && (low & 0xfc00) === 0xdc00) {
      code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
      at += 6;
    }
    // Half of a pair without the other is no character at all.
    if (code >= 0xd800 && code < 0xe000) throw none();
    to += bytes.write(String.fromCodePoint(code), to, 'utf8');
  }
  return to;
}

/** The code unit of `uXXXX`, where that stands at `at`. */
function codeUnit(bytes: Buffer, at: number): number | undefined {
  const text = bytes.toString('latin1', at, at + 5);
  return /^u[0-9a-f]{4}$/i.test(text) ? Number.parseInt(text.slice(1), 16) : undefined;
}
