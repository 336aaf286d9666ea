import { randomBytes, scrypt } from 'node:crypto';
import type { Identity } from 'age-encryption';
import { identityKey, identityText } from '../core/age-keys.ts';
import { passphraseTooMuchWork } from '../core/problems/encryption.ts';
import { unwrap, wrap } from './wrap.ts';

/**
 * A passphrase is slow to use, which is what protects it: so it wraps one identity, which then opens everything. The result is an
 * armored age file, as `age -p -a` makes it. Node's own scrypt takes a third of the time of one in JavaScript, and holds nobody up.
 */
export async function lockIdentity(identity: Uint8Array, passphrase: string, work = WORK): Promise<string> {
  const { armor, Encrypter, Stanza } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    async wrapFileKey(fileKey) {
      const salt = randomBytes(SALT);
      const key = await stretch(passphrase, salt, work);
      return [new Stanza(['scrypt', salt.toString('base64').replace(/=+$/, ''), String(work)], wrap(key, fileKey))];
    },
  });
  return armor.encode(await encrypter.encrypt(`${identityText(identity)}\n`));
}

/** Undefined where the passphrase is another one. Throws WRONG_KEY where a try would cost more than `mostWork`. */
export async function unlockIdentity(
  locked: string,
  passphrase: string,
  mostWork = WORK,
): Promise<Uint8Array | undefined> {
  const { armor, Decrypter } = await import('age-encryption');
  if (locked.length > LARGEST) return undefined;
  let tooMuch: unknown;
  const decrypter = new Decrypter();
  decrypter.addIdentity({
    async unwrapFileKey([stanza, ...others]: Parameters<Identity['unwrapFileKey']>[0]) {
      const [kind, salt = '', work = ''] = stanza?.args ?? [];
      if (stanza === undefined || kind !== 'scrypt' || others.length > 0 || !/^[1-9]\d?$/.test(work)) return null;
      if (Number(work) > mostWork) {
        tooMuch = passphraseTooMuchWork(Number(work), mostWork)();
        return null;
      }
      return unwrap(await stretch(passphrase, Buffer.from(salt, 'base64'), Number(work)), stanza.body);
    },
  });
  try {
    return identityKey((await decrypter.decrypt(armor.decode(locked), 'text')).trim());
  } catch {
    if (tooMuch !== undefined) throw tooMuch;
    return undefined;
  }
}

const SALT = 16;
/** What age itself takes, as a power of two; and the most that is tried unasked, because whoever made the file chose it. */
const WORK = 18;
const LARGEST = 4096;

function stretch(passphrase: string, salt: Uint8Array, work: number): Promise<Buffer> {
  const labelled = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), salt]);
  const [cost, blockSize] = [2 ** work, 8];
  return new Promise((resolve, reject) => {
    scrypt(passphrase, labelled, 32, { cost, blockSize, maxmem: 160 * cost * blockSize }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
