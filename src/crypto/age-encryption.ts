import { randomBytes } from 'node:crypto';
import { recipientText } from '../core/age-keys.ts';
import { reasonOf } from '../core/errors.ts';
import { weaknessOf } from '../core/passphrase.ts';
import { backupDamaged } from '../core/problems/backups.ts';
import { passphraseMissing, passphraseWeak, wrongKey } from '../core/problems/encryption.ts';
import type { Encryption, Wanted } from './encryption.ts';
import { open } from './open.ts';
import { lockIdentity, unlockIdentity } from './passphrase.ts';
import { seal } from './seal.ts';
import { squeeze, unsqueeze } from './squeeze.ts';
import { publicKeyOf } from './x25519.ts';

/** The keys that a machine has. */
export interface Keys {
  /** Asked for when something is to be opened, and not before. Throws WRONG_KEY where they cannot be read. */
  identities(): readonly Uint8Array[];
  readonly passphrase: string | undefined;
  /** The most that a try of a passphrase may take, as a power of two: whoever made the backup chose it. */
  readonly mostWork?: number;
}

interface Held {
  readonly key: Uint8Array;
  readonly recipient: string;
}

/** Encryption in the format of age. `work` is what each try of a new passphrase takes, as a power of two. */
export function ageEncryption(keys: Keys, wanted: Wanted | false | undefined, work?: number): Encryption {
  let known: readonly Held[] | undefined;
  const held = () => {
    known ??= keys.identities().map((key) => ({ key, recipient: recipientText(publicKeyOf(key)) }));
    return known;
  };
  const unlocked = new Map<string, Promise<Uint8Array | undefined>>();
  /** A passphrase takes seconds, so it is tried once for each identity it may have locked. */
  const unlock = (locked: string | undefined) => {
    if (locked === undefined || keys.passphrase === undefined) return Promise.resolve(undefined);
    const tried = unlocked.get(locked) ?? unlockIdentity(locked, keys.passphrase, keys.mostWork);
    unlocked.set(locked, tried);
    return tried;
  };
  const fittingOf = async (locked: string | undefined, recipients: readonly string[]) => {
    const fitting = held().flatMap(({ key, recipient }) => (recipients.includes(recipient) ? [key] : []));
    if (fitting.length > 0) return fitting;
    const own = await unlock(locked);
    return own === undefined ? [] : [own];
  };
  async function openWith(keys: readonly Uint8Array[], file: string, sealed: Uint8Array): Promise<Buffer | undefined> {
    try {
      return await open(keys, sealed);
    } catch (error) {
      throw backupDamaged(file, `cannot be decrypted (${reasonOf(error)})`)(error);
    }
  }
  const unsqueezed = async (file: string, squeezed: Buffer, limit: number) => {
    try {
      return await unsqueeze(squeezed, limit);
    } catch (error) {
      throw backupDamaged(file, `cannot be decrypted (${reasonOf(error)})`)(error);
    }
  };
  return {
    wanted,
    async begin({ recipients, passphrase, compress }) {
      const epoch = { secret: randomBytes(32), ...(compress ? {} : { compress: false as const }) };
      if (!passphrase) return { ...epoch, recipients };
      if (keys.passphrase === undefined) throw passphraseMissing()();
      const weakness = weaknessOf(keys.passphrase);
      if (weakness !== undefined) throw passphraseWeak(weakness)();
      const identity = randomBytes(32);
      const locked = await lockIdentity(identity, keys.passphrase, work);
      unlocked.set(locked, Promise.resolve(identity));
      return { ...epoch, recipients: [...recipients, recipientText(publicKeyOf(identity))], passphrase: locked };
    },
    async trusts({ recipients, passphrase }) {
      if (passphrase === undefined) return true;
      const own = await unlock(passphrase);
      return own !== undefined && recipients.at(-1) === recipientText(publicKeyOf(own));
    },
    seal: async ({ secret, recipients, compress }, bytes) => seal(secret, recipients, await squeeze(bytes, compress)),
    async open({ recipients, passphrase }, file, sealed, limit) {
      const fitting = await fittingOf(passphrase, recipients);
      const problem = wrongKey(recipients, passphrase !== undefined, held().length);
      if (fitting.length === 0) throw problem();
      const squeezed = await openWith(fitting, file, sealed);
      if (squeezed === undefined) throw problem();
      return unsqueezed(file, squeezed, limit);
    },
    async openAny(file, sealed, limit) {
      const keys = held().map(({ key }) => key);
      const opened = keys.length === 0 ? undefined : await openWith(keys, file, sealed);
      if (opened === undefined) throw wrongKey([], false, keys.length)();
      return opened[0] === 0x1f && opened[1] === 0x8b ? unsqueezed(file, opened, limit) : opened;
    },
    async holds({ recipients, passphrase }) {
      const own = held().map(({ recipient }) => recipient);
      const locked = await unlock(passphrase);
      if (locked !== undefined) own.push(recipientText(publicKeyOf(locked)));
      return recipients.filter((each) => own.includes(each));
    },
  };
}
