import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import { loginWith } from '../../../src/engines/postgres/login.ts';
import { proofOf } from '../../../src/engines/postgres/scram.ts';

/* That a real server takes it is shown in `plain-question.test.ts`. */

const PASSWORD = 'secret';
const SALT = Buffer.from('salt of a server');

/** What a server that knows the password says at last. */
function proofOfServer(first: string, said: string, answer: string): string {
  const salted = pbkdf2Sync(PASSWORD, SALT, 4096, 32, 'sha256');
  const key = createHmac('sha256', salted).update('Server Key').digest();
  const all = `${first.slice('n,,'.length)},${said},${answer.replace(/,p=.*$/, '')}`;
  return `v=${createHmac('sha256', key).update(all).digest('base64')}`;
}

const firstOf = (nonce: string, rounds = '4096') => `r=${nonce},s=${SALT.toString('base64')},i=${rounds}`;

test('a password is proved, and never said', () => {
  const proof = proofOf(PASSWORD, 'ours');
  const answer = proof?.answer(firstOf('oursAndTheirs')) ?? '';
  expect(proof?.first).toBe('n,,n=,r=ours');
  const [, without, said = ''] = /^(c=biws,r=oursAndTheirs),p=(.+)$/.exec(answer) ?? [];
  const salted = pbkdf2Sync(PASSWORD, SALT, 4096, 32, 'sha256');
  const key = createHmac('sha256', salted).update('Client Key').digest();
  const stored = createHash('sha256').update(key).digest();
  const signature = createHmac('sha256', stored)
    .update(`n=,r=ours,${firstOf('oursAndTheirs')},${without}`)
    .digest();
  expect(Buffer.from(said, 'base64').map((byte, at) => byte ^ (signature[at] ?? 0))).toEqual(key);
  expect(answer).not.toContain(PASSWORD);
});

test.each([
  ['another nonce', firstOf('theirs')],
  ['no nonce of its own', firstOf('ours')],
  ['too many rounds', firstOf('oursAndTheirs', '100001')],
  ['no rounds', firstOf('oursAndTheirs', '0')],
  ['no salt', 'r=oursAndTheirs,s=,i=4096'],
  ['something else', 'e=other-error'],
])('a server that says %s is told nothing', (_what, said) => {
  expect(proofOf(PASSWORD, 'ours')?.answer(said)).toBeUndefined();
});

test('a password that would have to be normalised is for the driver', () => {
  expect(proofOf('p\u00e4ss')).toBeUndefined();
  expect(proofOf('')).toBeUndefined();
});

const wanted = (code: number, said = '') => Buffer.concat([Buffer.from([0, 0, 0, code]), Buffer.from(said, 'latin1')]);
const textOf = (words: readonly Buffer[] | undefined) => Buffer.concat(words ?? []).toString('latin1');

test('whoever asks for a proof proves as much', async () => {
  const lastly = async (forged: (said: string) => string) => {
    const login = loginWith(PASSWORD);
    const first = textOf(await login(wanted(10, 'SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0'))).slice(
      'SCRAM-SHA-256\0'.length + 4,
    );
    const said = firstOf(`${first.slice('n,,n=,r='.length)}AndTheirs`);
    const answer = textOf(await login(wanted(11, said)));
    const proved = await login(wanted(12, forged(proofOfServer(first, said, answer))));
    return [proved, await login(wanted(0))];
  };
  expect(await lastly((said) => said)).toEqual([[], []]);
  expect(await lastly((said) => said.replace('v=', 'v=A'))).toEqual([undefined, undefined]);
  expect(await lastly(() => 'e=no')).toEqual([undefined, undefined]);
});

test('what wants no proof lets in, unless one was begun', async () => {
  expect(await loginWith(undefined)(wanted(0))).toEqual([]);
  expect(await loginWith(PASSWORD)(wanted(0))).toEqual([]);
  const login = loginWith(PASSWORD);
  expect(await login(wanted(10, 'SCRAM-SHA-256\0\0'))).toHaveLength(3);
  expect(await login(wanted(0))).toBeUndefined();
  expect(await loginWith(PASSWORD)(wanted(10, 'SCRAM-SHA-512\0\0'))).toBeUndefined();
});
