import { randomBytes } from 'node:crypto';
import { Encrypter, generateHybridIdentity, generateIdentity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { identityKey, identityText, recipientText } from '../../src/core/age-keys.ts';
import { wrongKey } from '../../src/core/problems/encryption.ts';
import { open } from '../../src/crypto/open.ts';
import { lockIdentity, unlockIdentity } from '../../src/crypto/passphrase.ts';
import { seal } from '../../src/crypto/seal.ts';
import { roundedSize, squeeze, unsqueeze } from '../../src/crypto/squeeze.ts';
import { publicKeyOf } from '../../src/crypto/x25519.ts';
import { ageKey, ageOpens, ageSeals, ageUnlocks } from '../support/age.ts';
import { encryptionFor } from '../support/encrypted.ts';
import { installed } from '../support/installed.ts';

const SIZES = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_001];

const withAge = test.skipIf(installed('age') === undefined);

test('keys are what the age package says they are', async () => {
  const identity = await generateIdentity();
  const key = identityKey(identity) ?? Buffer.alloc(0);
  expect(identityText(key)).toBe(identity);
  expect(recipientText(publicKeyOf(key))).toBe(await identityToRecipient(identity));
});

withAge('age opens what is sealed here, for every recipient, and what age seals opens here', async () => {
  const [ada, bob, eve] = [ageKey(), ageKey(), ageKey()];
  const recipients = [ada.recipient, bob.recipient];
  for (const size of SIZES) {
    const bytes = randomBytes(size);
    const sealed = seal(randomBytes(32), recipients, bytes);
    for (const { file, ...key } of [ada, bob]) expect(ageOpens({ file, ...key }, sealed).equals(bytes)).toBe(true);
    expect(() => ageOpens(eve, sealed)).toThrow();
    for (const file of [sealed, ageSeals(recipients, bytes)]) {
      expect((await open([eve.key, bob.key], file))?.equals(bytes)).toBe(true);
      expect(await open([eve.key], file)).toBeUndefined();
      expect(await open([], file)).toBeUndefined();
    }
  }
});

test('equal bytes make equal files under one secret, and other files under another', () => {
  const { recipient } = ageKey();
  const [secret, bytes] = [randomBytes(32), randomBytes(1000)];
  const sealed = seal(secret, [recipient], bytes);
  expect(seal(secret, [recipient], bytes).equals(sealed)).toBe(true);
  expect(seal(randomBytes(32), [recipient], bytes).equals(sealed)).toBe(false);
  const other = Buffer.from(bytes);
  other[999] = (other[999] ?? 0) ^ 1;
  const nearly = seal(secret, [recipient], other);
  // Nothing of what two files share may follow from what they say: not even a key or a nonce.
  const shared = [...sealed.subarray(40)].filter((byte, i) => byte === nearly[40 + i]).length;
  expect(shared).toBeLessThan(40);
});

test('a flipped bit, a cut end and an added byte are seen, wherever they are', async () => {
  const { recipient, key } = ageKey();
  const sealed = seal(randomBytes(32), [recipient], randomBytes(70_000));
  const opens = async (file: Uint8Array) => (await open([key], file).catch(() => undefined)) !== undefined;
  expect(await opens(sealed)).toBe(true);
  const places = [...Array(230).keys(), 300, 65_000, 66_000, sealed.length - 20, sealed.length - 1];
  for (const at of places) {
    const damaged = Buffer.from(sealed);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expect([at, await opens(damaged)]).toEqual([at, false]);
  }
  for (const length of [0, 20, 200, 65_780, 65_800, sealed.length - 1])
    expect([length, await opens(sealed.subarray(0, length))]).toEqual([length, false]);
  expect(await opens(Buffer.concat([sealed, Buffer.from('x')]))).toBe(false);
});

test('of a million recipients a few are named', () => {
  const named = wrongKey(Array(1_000_000).fill(ageKey().recipient), false, 0)().message;
  expect(named).toMatch(
    /^The backup is encrypted to (age1\w+, ){19}age1\w+ and 999980 more, and there is no identity here\.$/,
  );
});

test('a file for keys of another kind is not ours to open, and not damaged', async () => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(await generateHybridIdentity()));
  expect(await open([ageKey().key], await encrypter.encrypt('hello'))).toBeUndefined();
});

test('a passphrase gives back the identity that it locked, and another one does not', async () => {
  const { key } = ageKey();
  const locked = await lockIdentity(key, 'correct horse');
  expect(locked).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/);
  expect(Buffer.from((await unlockIdentity(locked, 'correct horse')) ?? []).equals(key)).toBe(true);
  expect(await unlockIdentity(locked, 'correct house')).toBeUndefined();
}, 120_000);

withAge(
  'and age takes that passphrase, too',
  async () => {
    const { key } = ageKey();
    expect(ageUnlocks(await lockIdentity(key, 'correct horse'), 'correct horse')).toContain(identityText(key));
  },
  120_000,
);

test('a passphrase that is too easy to guess locks nothing, and says why', async () => {
  const begun = encryptionFor({ to: [], passphrase: 'password1234' }).begin({
    recipients: [],
    passphrase: true,
    compress: true,
  });
  await expect(begun).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('everybody tries first'),
  });
});

test('no try of a passphrase costs more than age itself takes, unless it is said to be meant', async () => {
  const { key } = ageKey();
  const locked = await lockIdentity(key, 'correct horse', 14);
  const dear = { code: 'WRONG_KEY', hint: expect.stringContaining('OVERWINTER_PASSPHRASE_WORK=14') };
  await expect(unlockIdentity(locked, 'correct horse', 13)).rejects.toMatchObject(dear);
  expect(Buffer.from((await unlockIdentity(locked, 'correct horse', 14)) ?? []).equals(key)).toBe(true);
});

test('uncompressed, a size tells how much there is and nothing else', async () => {
  const words = (text: string) => Buffer.from(text.repeat(100_000).slice(0, 100_000));
  const [alike, other] = await Promise.all([words('a'), randomBytes(100_000)].map((bytes) => squeeze(bytes, false)));
  expect(alike?.length).toBe(other?.length);
  expect((await unsqueeze(alike ?? Buffer.alloc(0), 100_000)).equals(words('a'))).toBe(true);
  expect((await squeeze(words('a'))).length).toBeLessThan(2000);
});

test('sizes are rounded, cost little, and nothing grows beyond what was promised', async () => {
  for (const bytes of [randomBytes(30_000), Buffer.alloc(500_000, 'a row\n'), Buffer.alloc(0)]) {
    const squeezed = await squeeze(bytes);
    expect(roundedSize(squeezed.length)).toBe(squeezed.length);
    expect((await unsqueeze(squeezed, bytes.length)).equals(bytes)).toBe(true);
  }
  for (let length = 1024; length < 40_000_000; length = Math.ceil(length * 1.37)) {
    expect(roundedSize(length)).toBeGreaterThanOrEqual(length);
    expect(roundedSize(length) / length).toBeLessThan(1.065);
  }
  await expect(unsqueeze(await squeeze(Buffer.alloc(1_000_000)), 999_999)).rejects.toThrow();
});

test('a part that would unpack to more than was promised is damaged, and says nothing of keys', async () => {
  const ada = ageKey();
  const encryption = encryptionFor({ to: [ada], with: [ada] });
  const epoch = await encryption.begin({ recipients: [ada.recipient], passphrase: false, compress: true });
  const bomb = await encryption.seal(epoch, Buffer.alloc(30_000_000));
  expect(bomb.length).toBeLessThan(50_000);
  const opening = encryption.open(epoch, 'parts/sealed/x.age', bomb, 1000);
  await expect(opening).rejects.toMatchObject({ code: 'BACKUP_DAMAGED', message: expect.stringContaining('x.age') });
  expect((await encryption.open(epoch, 'x', bomb, 30_000_000)).length).toBe(30_000_000);
});
