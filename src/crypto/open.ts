import type { Identity } from 'age-encryption';
import { decryptPayload } from './stream.ts';
import { unwrap } from './wrap.ts';
import { derive, publicKeyOf, sharedSecret } from './x25519.ts';

/** Opens an age file, ours or anybody's; undefined where none of the keys is for it. Throws for one that is damaged. */
export async function open(keys: readonly Uint8Array[], file: Uint8Array): Promise<Buffer | undefined> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  let fits = false;
  for (const key of keys) {
    const unwrap = unwrapper(key);
    decrypter.addIdentity({
      unwrapFileKey(stanzas: Stanzas) {
        const found = unwrap(stanzas);
        fits ||= found !== null;
        return found;
      },
    });
  }
  const { header, rest } = split(file);
  let fileKey: Uint8Array;
  try {
    fileKey = await decrypter.decryptHeader(header);
  } catch (error) {
    if (!fits && looksWhole(header)) return undefined;
    throw error;
  }
  return decryptPayload(derive(fileKey, rest.subarray(0, NONCE), 'payload', 32), rest.subarray(NONCE));
}

type Stanzas = Parameters<Identity['unwrapFileKey']>[0];

const NONCE = 16;
const MAC_LINE = /\n--- [A-Za-z0-9+/]{43}\n/;
const LARGEST_HEADER = 64 * 1024;

function split(file: Uint8Array): { header: Uint8Array; rest: Uint8Array } {
  const text = Buffer.from(file.buffer, file.byteOffset, Math.min(file.byteLength, LARGEST_HEADER)).toString('latin1');
  const found = MAC_LINE.exec(text);
  if (!text.startsWith('age-encryption.org/v1\n') || found === null) throw new Error('this is no age file');
  const end = found.index + found[0].length;
  return { header: file.subarray(0, end), rest: file.subarray(end) };
}

/** A header whose lines are what they should be was made for other keys; any other is damaged. */
const looksWhole = (header: Uint8Array) =>
  /^age-encryption\.org\/v1\n(-> [\x21-\x7e]+( [\x21-\x7e]+)*\n([A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n)+--- [A-Za-z0-9+/]{43}\n$/.test(
    Buffer.from(header).toString('latin1'),
  );

/** Node's own curve is many times faster than one in JavaScript, and a restore opens every part. */
function unwrapper(key: Uint8Array): (stanzas: Stanzas) => Uint8Array | null {
  const own = publicKeyOf(key);
  return (stanzas) => {
    for (const { args, body } of stanzas) {
      const share = Buffer.from(args[1] ?? '', 'base64');
      if (args[0] !== 'X25519' || share.length !== 32) continue;
      const found = unwrap(derive(sharedSecret(key, share), Buffer.concat([share, own]), X25519, 32), body);
      if (found !== null) return found;
    }
    return null;
  };
}

const X25519 = 'age-encryption.org/v1/X25519';
