import { identityKey, identityText } from '../core/age-keys.ts';

/**
 * A passphrase is slow to use, which is what protects it: so it wraps one identity, which then opens everything. The result is an
 * armored age file, as `age -p -a` makes it.
 */
export async function lockIdentity(identity: Uint8Array, passphrase: string): Promise<string> {
  const { Encrypter, armor } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  return armor.encode(await encrypter.encrypt(`${identityText(identity)}\n`));
}

const LARGEST = 4096;

/** Undefined where the passphrase is another one. */
export async function unlockIdentity(locked: string, passphrase: string): Promise<Uint8Array | undefined> {
  const { Decrypter, armor } = await import('age-encryption');
  if (locked.length > LARGEST) return undefined;
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return identityKey((await decrypter.decrypt(armor.decode(locked), 'text')).trim());
  } catch {
    return undefined;
  }
}
