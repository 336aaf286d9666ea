import { identityKey, recipientText } from '../../src/core/age-keys.ts';
import { ageEncryption, type Keys } from '../../src/crypto/age-encryption.ts';
import type { Encryption } from '../../src/crypto/encryption.ts';
import { publicKeyOf } from '../../src/crypto/x25519.ts';
import type { AgeKey } from './age.ts';

interface Who {
  /** Whom backups are for; without anybody nothing is said of encryption. */
  readonly to?: readonly Pick<AgeKey, 'recipient'>[];
  readonly passphrase?: string;
  readonly compress?: boolean;
  /** Whose identities are here. */
  readonly with?: readonly Pick<AgeKey, 'key'>[];
}

/** A passphrase of a test need not be slow to use; what it takes by itself is tried in `crypto/age.test.ts`. */
const QUICK = 12;

/** Encryption as an entrance would put it together, with keys given instead of found. */
export function encryptionFor({ to, passphrase, with: held = [], compress = true }: Who): Encryption {
  const keys: Keys = { identities: () => held.map(({ key }) => key), passphrase };
  const wanted = {
    recipients: (to ?? []).map(({ recipient }) => recipient).sort(),
    passphrase: passphrase !== undefined,
    compress,
  };
  return ageEncryption(keys, to === undefined ? undefined : wanted, QUICK);
}

/** Somebody's key, from the text of their identity. */
export function keyFrom(identity: string): Pick<AgeKey, 'key' | 'recipient'> {
  const key = identityKey(identity);
  if (key === undefined) throw new Error('this is no identity');
  return { key, recipient: recipientText(publicKeyOf(key)) };
}
