import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from 'node:crypto';

/** Keys of curve 25519 as their 32 bytes, by Node's own implementation. */

const PRIVATE = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b656e032100', 'hex');

const privateKey = (key: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PRIVATE, key]), format: 'der', type: 'pkcs8' });
const publicKey = (key: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([PUBLIC, key]), format: 'der', type: 'spki' });

export function publicKeyOf(key: Uint8Array): Buffer {
  return createPublicKey(privateKey(key)).export({ format: 'der', type: 'spki' }).subarray(PUBLIC.length);
}

/** Throws where the other's key is one that makes every secret the same. */
export function sharedSecret(own: Uint8Array, other: Uint8Array): Buffer {
  return diffieHellman({ privateKey: privateKey(own), publicKey: publicKey(other) });
}

export function derive(key: Uint8Array, salt: Uint8Array, label: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, label, length));
}
