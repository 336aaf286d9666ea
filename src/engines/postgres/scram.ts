import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** How a password is proved to a server without being told, and how the server proves that it knows it, too: SCRAM-SHA-256 (RFC 7677). */
export interface Proof {
  readonly first: string;
  /** What to say to the server's first message. Undefined where it is none, or asks for too much. */
  answer(said: string): string | undefined;
  /** Whether the server's last message proves that it knows the password. */
  isMutual(said: string): boolean;
}

export const MECHANISM = 'SCRAM-SHA-256';

/** Undefined for a password that would have to be normalised first. */
export function proofOf(password: string, nonce = randomBytes(18).toString('base64')): Proof | undefined {
  if (!PRINTABLE.test(password)) return undefined;
  // The server knows the name already.
  const bare = `n=,r=${nonce}`;
  let expected: Buffer | undefined;
  return {
    first: `${UNBOUND}${bare}`,
    answer(said) {
      const [, both = '', salt = '', rounds = ''] = SERVER_FIRST.exec(said) ?? [];
      if (!both.startsWith(nonce) || both === nonce || Number(rounds) > MOST_ROUNDS) return undefined;
      const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), BYTES, 'sha256');
      const without = `c=${Buffer.from(UNBOUND).toString('base64')},r=${both}`;
      const all = `${bare},${said},${without}`;
      expected = keyed(keyed(salted, 'Server Key'), all);
      const key = keyed(salted, 'Client Key');
      const signature = keyed(createHash('sha256').update(key).digest(), all);
      const proof = key.map((byte, at) => byte ^ (signature[at] ?? 0));
      return `${without},p=${Buffer.from(proof).toString('base64')}`;
    },
    isMutual(said) {
      const signature = Buffer.from(/^v=([^,]+)/.exec(said)?.[1] ?? '', 'base64');
      return expected !== undefined && signature.length === expected.length && timingSafeEqual(signature, expected);
    },
  };
}

const PRINTABLE = /^[\x20-\x7e]+$/;
/** Nothing is bound to a channel, which only encryption has. */
const UNBOUND = 'n,,';
const SERVER_FIRST = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/=]+),i=([1-9]\d*)$/;
const BYTES = 32;
/** As the driver has it: nobody is to keep us busy. */
const MOST_ROUNDS = 100_000;

const keyed = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
