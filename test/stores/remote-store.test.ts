import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gitFailed } from '../../src/core/problems/git.ts';
import { cacheOf, inRemoteStore } from '../../src/stores/git/bare-clone.ts';
import { plainEnvironment } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/* The repository on this machine that a remote is reached through. Nothing is in it that the remote does not have. */

const ADDRESS = 'https://git.example.org/ada/app.git?hunter2';

function machine(env: Record<string, string> = {}, signal?: AbortSignal) {
  const top = scratch();
  const local = join(top, '.overwinter');
  const place = { address: ADDRESS, top, local, ...(signal && { signal }) };
  const cache = join(local, cacheOf(ADDRESS));
  const given = { ...plainEnvironment, ...env };
  const work = <T>(what: () => Promise<T>) => inRemoteStore(place, given, what);
  const ask = (...args: string[]) => inRemoteStore(place, given, (repository) => repository.ask(...args));
  return { place, local, cache, work, ask };
}

const saying = (text: string) => gitFailed('reach it')(new Error(text));

/** How often it is tried, and what comes of it. */
async function tried(work: (what: () => Promise<never>) => Promise<never>, error: unknown) {
  let times = 0;
  const message = await work(() => {
    times++;
    return Promise.reject(error);
  }).catch((thrown: Error) => thrown.message);
  return { times, message };
}

test('what git fails at in an old one is tried once more in a new one, and in a new one it has failed', async () => {
  const { work, cache, local } = machine();
  const failure = saying('a broken pack');
  expect(await tried(work, failure)).toEqual({ times: 1, message: failure.message });
  const before = statSync(cache).ino;
  expect(await tried(work, failure)).toEqual({ times: 2, message: failure.message });
  expect(statSync(cache).ino).not.toBe(before);
  expect(await tried(work, new Error('ours'))).toEqual({ times: 1, message: 'ours' });
  // The old one was put aside, and is gone.
  expect(readdirSync(join(local, 'scratch'))).toEqual([]);
});

test('it is not tried again for whoever was told to stop', async () => {
  const stop = new AbortController();
  const { work } = machine({}, stop.signal);
  await work(async () => undefined);
  stop.abort();
  expect((await tried(work, saying('it was ended'))).times).toBe(1);
});

test.each([
  "fatal: could not read Username for 'https://git.example.org'",
  "fatal: could not read Password for 'https://me@git.example.org'",
  "fatal: Authentication failed for 'https://git.example.org'",
  'error: The requested URL returned error: 401',
  'error: The requested URL returned error: 403 while accessing it',
])('who is not let in is told so, by whether there is a token, and it is not tried again: %s', async (said) => {
  for (const [env, words] of [
    [{}, 'there is no token'],
    [{ OVERWINTER_GIT_TOKEN: 'ghs_1' }, 'does not take the token'],
  ] as const) {
    const { work } = machine(env);
    await work(async () => undefined);
    const { times, message } = await tried(work, saying(said));
    expect([times, message]).toEqual([1, expect.stringContaining(words)]);
    expect(message).not.toContain('hunter2');
  }
});

test.each([
  ['error: The requested URL returned error: 301', true],
  ['fatal: unable to update url base from redirection', true],
  ['error: The requested URL returned error: 404', false],
  ['error: The requested URL returned error: 4013', false],
  ['error: The requested URL returned error: 3011', false],
])('whoever is sent elsewhere is told so: %s', async (said, isSent) => {
  const { work } = machine();
  const { message } = await tried(work, saying(said));
  if (isSent) expect(message).toContain('https://git.example.org/ada/app.git sends to another address');
  else expect(message).not.toMatch(/sends to another address|token/);
});

test('it is one that every git can read, whatever the user prefers, and has no settings but ours', async () => {
  const { ask, cache } = machine({ GIT_DEFAULT_HASH: 'sha256' });
  expect(await ask('rev-parse', '--show-object-format')).toBe('sha1');
  expect(readFileSync(join(cache, 'config'), 'utf8')).toBe('[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
  expect(existsSync(join(cache, 'hooks'))).toBe(false);
});

test('where it cannot be made, what git says is told', async () => {
  const bin = join(scratch(), 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'git'), '#!/bin/sh\necho "no room on this disk" >&2\nexit 1\n', { mode: 0o755 });
  const { work } = machine({ PATH: bin });
  await expect(work(async () => 'done')).rejects.toMatchObject({
    code: 'GIT_FAILED',
    cause: expect.objectContaining({ message: 'no room on this disk' }),
  });
});
