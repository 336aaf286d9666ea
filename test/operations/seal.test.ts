import { expect, test } from 'vitest';
import { beginSealing, fits } from '../../src/operations/seal.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/keys.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const ada = ageKey();

test('once the newest backup is encrypted, none is written plain because a setting got lost', async () => {
  const without = projectIn(scratch());
  await expect(beginSealing(without, undefined, true)).rejects.toMatchObject({ code: 'ENCRYPTION_OFF' });
  // Keys that only open say nothing of what is to be written.
  const opens = { ...without, encryption: encryptionFor({ with: [ada] }) };
  await expect(beginSealing(opens, undefined, true)).rejects.toMatchObject({ code: 'ENCRYPTION_OFF' });
  expect(await beginSealing(opens, undefined, false)).toBeUndefined();
  expect(await beginSealing(without, undefined, false)).toBeUndefined();
});

test('where somebody says that backups are meant to be plain, they are', async () => {
  const plain = { ...encryptionFor({ with: [ada] }), wanted: false as const };
  expect(await beginSealing(projectIn(scratch(), { encryption: plain }), undefined, true)).toBeUndefined();
});

test('where backups are to be encrypted, they are, whatever came before', async () => {
  const project = projectIn(scratch(), { encryption: encryptionFor({ to: [ada] }) });
  for (const encrypted of [false, true])
    expect((await beginSealing(project, undefined, encrypted))?.knows('any')).toBe(false);
});

test('an epoch goes on only for exactly those wanted: whoever came must be able to open, whoever left must not', () => {
  const wanted = { recipients: ['a', 'b'], passphrase: false, compress: true };
  expect(fits({ recipients: ['a', 'b'] }, wanted)).toBe(true);
  expect(fits({ recipients: ['a'] }, wanted)).toBe(false);
  expect(fits({ recipients: ['a', 'b', 'c'] }, wanted)).toBe(false);
  expect(fits({ recipients: ['a', 'c'] }, wanted)).toBe(false);
  expect(fits({ recipients: ['a', 'b'], compress: false }, wanted)).toBe(false);
  expect(fits({ recipients: ['a', 'b'], compress: false }, { ...wanted, compress: false })).toBe(true);
  expect(fits({ recipients: ['a', 'b'] }, { ...wanted, compress: false })).toBe(false);
});

test('a passphrase that came or went is another epoch, and its recipient stands last', () => {
  const wanted = { recipients: ['a'], passphrase: true, compress: true };
  expect(fits({ recipients: ['a', 'p'], passphrase: 'locked' }, wanted)).toBe(true);
  expect(fits({ recipients: ['b', 'p'], passphrase: 'locked' }, wanted)).toBe(false);
  expect(fits({ recipients: ['a', 'p'] }, wanted)).toBe(false);
  expect(fits({ recipients: ['a'], passphrase: 'locked' }, wanted)).toBe(false);
  expect(fits({ recipients: ['a'], passphrase: 'locked' }, { ...wanted, passphrase: false })).toBe(false);
});
