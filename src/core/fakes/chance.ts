import { createHmac } from 'node:crypto';

/** Numbers that follow from a secret and a text, and that tell nothing of the text to whoever does not have the secret. */
export interface Chance {
  /** One of the numbers from 0 on that are smaller. */
  below(limit: number): number;
  oneOf<T>(list: readonly T[]): T;
  /** Small letters and digits. */
  letters(count: number): string;
  bytes(count: number): Buffer;
}

export type Secret = Uint8Array;

export function chanceOf(secret: Secret, ...of: readonly string[]): Chance {
  let block = createHmac('sha256', secret).update(JSON.stringify(of)).digest();
  let at = 0;
  const bytes = (count: number): Buffer => {
    const found = Buffer.alloc(count);
    for (let filled = 0; filled < count; ) {
      if (at === block.length) {
        block = createHmac('sha256', secret).update(block).digest();
        at = 0;
      }
      const copied = block.copy(found, filled, at);
      filled += copied;
      at += copied;
    }
    return found;
  };
  const below = (limit: number) => bytes(4).readUInt32BE() % limit;
  const oneOf = <T>(list: readonly T[]): T => {
    const found = list[below(list.length)];
    if (found === undefined) throw new Error('there is nothing to choose from');
    return found;
  };
  return {
    below,
    oneOf,
    letters: (count) => Array.from({ length: count }, () => ALPHABET[below(ALPHABET.length)]).join(''),
    bytes,
  };
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

const ROUNDS = 6;

/** Puts the numbers from one to another, both of which belong to them, into another order: no two become the same. */
export function permuted(secret: Secret, value: bigint, from: bigint, to: bigint): bigint {
  const size = to - from + 1n;
  if (size <= 1n) return value;
  let half = 1n;
  while (1n << (2n * half) < size) half++;
  const mask = (1n << half) - 1n;
  const tag = `${from} ${to}`;
  const mixed = (right: bigint, round: number) =>
    chanceOf(secret, 'permuted', tag, String(round), String(right)).bytes(8).readBigUInt64BE() & mask;
  let number = value - from;
  do {
    let [left, right] = [number >> half, number & mask];
    for (let round = 0; round < ROUNDS; round++) [left, right] = [right, left ^ mixed(right, round)];
    number = (left << half) | right;
  } while (number >= size);
  return from + number;
}
