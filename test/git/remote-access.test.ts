import { describe, expect, test } from 'vitest';
import { foreignEnvironment } from '../../src/git/environment.ts';
import { accessEnvironment, remoteEnvironment } from '../../src/git/remote-access.ts';

const HTTPS = 'https://git.example.org/you/app.git';
const TOKEN = { OVERWINTER_GIT_TOKEN: 'sesame' };

/** What git would be set to: of a key that is there more than once, all values. */
function settings(env: NodeJS.ProcessEnv | Readonly<Record<string, string | undefined>>): [string, string][] {
  return Array.from({ length: Number(env.GIT_CONFIG_COUNT ?? 0) }, (_, i) => [
    env[`GIT_CONFIG_KEY_${i}`] ?? 'missing',
    env[`GIT_CONFIG_VALUE_${i}`] ?? 'missing',
  ]);
}

const headerFor = (text: string) => `Authorization: Basic ${Buffer.from(text).toString('base64')}`;
const HEADER = 'http.https://git.example.org/.extraHeader';

describe('the token of a remote', () => {
  test('goes to this host alone, in place of what a checkout left, and is not taken along to another', () => {
    expect(settings(accessEnvironment(HTTPS, TOKEN))).toEqual([
      [HEADER, ''],
      [HEADER, headerFor('x-access-token:sesame')],
      ['http.followRedirects', 'false'],
    ]);
  });

  test('comes with the name that the host wants, where one stands before it', () => {
    const env = accessEnvironment(HTTPS, { OVERWINTER_GIT_TOKEN: 'ada:sesame' });
    expect(settings(env)).toContainEqual([HEADER, headerFor('ada:sesame')]);
  });

  test('is not among what any program is given by its name', () => {
    for (const env of [
      accessEnvironment(HTTPS, TOKEN),
      remoteEnvironment(HTTPS, TOKEN),
      accessEnvironment(undefined, TOKEN),
    ])
      expect(JSON.stringify(env)).not.toContain('sesame');
  });

  test.each([
    'git@git.example.org:you/app.git',
    'ssh://git.example.org/app.git',
    '/srv/app.git',
    'ext::sh -c https://x',
  ])('is not sent where it is of no use: %s', (address) => {
    expect(accessEnvironment(address, TOKEN)).toEqual({});
    expect(settings(remoteEnvironment(address, TOKEN)).map(([key]) => key)).not.toContain('http.followRedirects');
  });

  test.each([
    'http://git.example.org/app.git',
    'http://localhost.example.org/app.git',
    'http://127.0.0.1.example.org/a',
  ])('is never sent in the open: %s', (address) => {
    expect(() => accessEnvironment(address, TOKEN)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(accessEnvironment(address, {})).toEqual({});
  });

  test.each([
    'http://localhost:3000/app.git',
    'http://127.0.0.1/app.git',
    'http://[::1]:80/app.git',
    'HTTPS://git.example.org/a',
  ])('may be sent to this machine, and by https: %s', (address) => {
    expect(settings(accessEnvironment(address, TOKEN))).toHaveLength(3);
  });

  test.each(['two words', 'line\nend', 'ä', ' '])('that cannot be sent is refused: %j', (token) => {
    const env = { OVERWINTER_GIT_TOKEN: token };
    expect(() => accessEnvironment(HTTPS, env)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  test('an address that is none is refused', () => {
    expect(() => accessEnvironment('https://', TOKEN)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('what git is set to', () => {
  test('settings of whoever started us stay', () => {
    const given = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.name', GIT_CONFIG_VALUE_0: 'Ada', PATH: '/bin' };
    const env = accessEnvironment(HTTPS, { ...given, ...TOKEN });
    expect(settings(env)).toHaveLength(4);
    expect(settings(env)[0]).toEqual(['user.name', 'Ada']);
    expect(env.PATH).toBe('/bin');
    expect(settings(accessEnvironment(HTTPS, { ...TOKEN, GIT_CONFIG_COUNT: 'many' }))).toHaveLength(3);
  });

  test('a store of its own starts no hook, no monitor, no repacking and no program that an address names', () => {
    const env = remoteEnvironment(HTTPS, { GIT_DIR: '/app/.git', GIT_INDEX_FILE: 'index', HOME: '/home/ada' });
    expect(Object.fromEntries(settings(env))).toMatchObject({
      'remote.origin.url': HTTPS,
      'gc.auto': '0',
      'maintenance.auto': 'false',
      'core.hooksPath': '/dev/null',
      'core.fsmonitor': 'false',
    });
    expect(env).toMatchObject({
      GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
      GIT_LITERAL_PATHSPECS: '1',
      HOME: '/home/ada',
    });
    expect(env.GIT_DIR ?? env.GIT_INDEX_FILE).toBeUndefined();
  });

  test('another repository hears nothing of the one that is being committed', () => {
    const hook = {
      GIT_DIR: '.git',
      GIT_INDEX_FILE: 'i',
      GIT_PREFIX: 'a/',
      GIT_OBJECT_DIRECTORY: 'o',
      GIT_CONFIG_COUNT: '1',
    };
    expect(foreignEnvironment({ ...hook, GIT_AUTHOR_NAME: 'Ada', PATH: '/bin' })).toEqual({
      GIT_AUTHOR_NAME: 'Ada',
      PATH: '/bin',
    });
  });
});
