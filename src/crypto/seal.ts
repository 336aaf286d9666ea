import { createHmac } from 'node:crypto';
import { recipientKey } from '../core/age-keys.ts';
import { encryptPayload } from './stream.ts';
import { wrap } from './wrap.ts';
import { derive, publicKeyOf, sharedSecret } from './x25519.ts';

/**
 * Writes an age file. What age draws at random follows here from a secret and the bytes themselves: so equal bytes make equal
 * files, two branches that save the same rows do not conflict, and what is there already is not written again. Without the secret
 * it is as good as random, and other bytes never meet the same key. The age-encryption package draws its own numbers; hence
 * this file. Reading needs nothing of the kind and is left to the package.
 */
export function seal(secret: Uint8Array, recipients: readonly string[], bytes: Uint8Array): Buffer {
  const seed = createHmac('sha256', secret).update('seal').update(bytes).digest();
  const draw = (what: string, length: number) => derive(seed, NONE, what, length);
  const fileKey = draw('file key', 16);
  const stanzas = recipients.map((recipient) => stanzaFor(recipient, fileKey, draw(`ephemeral ${recipient}`, 32)));
  const head = `age-encryption.org/v1\n${stanzas.join('')}---`;
  const mac = createHmac('sha256', derive(fileKey, NONE, 'header', 32))
    .update(head)
    .digest();
  const nonce = draw('nonce', 16);
  const payload = encryptPayload(derive(fileKey, nonce, 'payload', 32), bytes);
  return Buffer.concat([Buffer.from(`${head} ${base64(mac)}\n`), nonce, ...payload]);
}

const NONE = Buffer.alloc(0);
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

function stanzaFor(recipient: string, fileKey: Uint8Array, ephemeral: Uint8Array): string {
  const key = recipientKey(recipient);
  if (key === undefined) throw new TypeError(`${recipient} is no recipient`);
  const share = publicKeyOf(ephemeral);
  const wrapping = derive(
    sharedSecret(ephemeral, key),
    Buffer.concat([share, key]),
    'age-encryption.org/v1/X25519',
    32,
  );
  return `-> X25519 ${base64(share)}\n${base64(wrap(wrapping, fileKey))}\n`;
}
