import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type Call, type Remembered, recall, remember } from '../../src/local/unchanged.ts';
import type { AddressPlace } from '../../src/local/unchanged-server.ts';
import { scratch } from '../support/scratch.ts';

/* What a server is asked is shown with a real one elsewhere: here it is which one is asked, and what is made of its answer. */

/** What the server at each address says of its state. */
const states = vi.hoisted((): Map<string, string> => new Map());

vi.mock('../../src/engines/index.ts', async (original) => ({
  ...(await original<typeof import('../../src/engines/index.ts')>()),
  quickFingerprintOf: {
    async postgres({ url }: { readonly url: string }) {
      const state = states.get(url);
      if (state === undefined) throw new Error('nobody answers there');
      return state;
    },
  },
}));

afterEach(() => states.clear());

const WORDS = { stdout: 'unchanged\n', stderr: '' };
const [ONE, OTHER] = ['postgres://me:secret@one/app', 'postgres://me:secret@other/app'];

function saved(address: AddressPlace, { argv = ['backup'], env = {} }: Partial<Call> = {}) {
  const root = scratch();
  writeFileSync(join(root, 'package.json'), '{}');
  states.set(ONE, 'state 1');
  const server = { kind: 'postgres', address, fingerprint: 'state 1' } as const;
  const known: Remembered = {
    files: undefined,
    signature: undefined,
    folders: undefined,
    foldersSignature: () => '',
    writtenLast: () => [],
    server,
  };
  const call: Call = { argv, cwd: root, env };
  return { root, call, known };
}

test('one to which nobody wrote is as it was, wherever its address is said', async () => {
  const file = join(scratch(), '.env');
  writeFileSync(file, `DATABASE_URL=${ONE}\n`);
  const places: readonly (readonly [AddressPlace, Partial<Call>])[] = [
    [{ argument: 2 }, { argv: ['backup', '--db', ONE] }],
    [{ variable: 'DATABASE_URL' }, { env: { DATABASE_URL: ONE } }],
    [{ variable: 'DATABASE_URL', file }, { env: { DATABASE_URL: OTHER } }],
  ];
  for (const [address, how] of places) {
    const { call, known } = saved(address, how);
    remember(call, [known], () => [], WORDS);
    expect(await recall(call)).toEqual(WORDS);
    states.set(ONE, 'state 2');
    expect(await recall(call)).toBeUndefined();
    states.set(ONE, 'state 1');
    expect(await recall(call)).toEqual(WORDS);
    states.clear();
    expect(await recall(call)).toBeUndefined();
  }
});

test('where its address is not said any more, or is another, it is not known', async () => {
  const file = join(scratch(), '.env');
  const { call, known } = saved({ variable: 'DATABASE_URL', file });
  writeFileSync(file, `DATABASE_URL=${ONE}\n`);
  remember(call, [known], () => [], WORDS);
  for (const text of [`OTHER_URL=${ONE}\n`, `DATABASE_URL=${OTHER}\n`]) {
    writeFileSync(file, text);
    expect(await recall(call), text).toBeUndefined();
  }
});

test('one beside other databases is not remembered: each of them would have to be looked at', () => {
  const { root, call, known } = saved({ argument: 2 }, { argv: ['backup', '--db', ONE] });
  remember(call, [known, known], () => [], WORDS);
  expect(existsSync(join(root, '.overwinter'))).toBe(false);
});
