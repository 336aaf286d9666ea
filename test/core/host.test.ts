import { expect, test } from 'vitest';
import { detectHost, HOSTS } from '../../src/core/host.ts';
import { configFromEnvironment, settle } from '../../src/core/settle-config.ts';

type Env = Record<string, string>;

const files =
  (...paths: string[]) =>
  (path: string) =>
    paths.includes(path);
const none = files();
const container = files('/.dockerenv');

// What each host says of itself, its name, whether it forgets files, and what it is to the data.
const HOST_TABLE: readonly (readonly [Env, string, string, string | undefined])[] = [
  [{ GITHUB_ACTIONS: 'true', CI: 'true' }, 'GitHub Actions', 'always', 'ci'],
  [{ CODESPACES: 'true', CODESPACE_NAME: 'x' }, 'GitHub Codespaces', 'never', 'development'],
  [{ REPL_ID: 'x' }, 'Replit', 'never', 'development'],
  [{ REPL_ID: 'x', REPLIT_DEPLOYMENT: '1' }, 'Replit Deployments', 'always', 'production'],
  [{ RENDER: 'true' }, 'Render', 'off-volumes', 'production'],
  [{ RENDER: 'true', IS_PULL_REQUEST: 'true' }, 'Render', 'off-volumes', 'preview'],
  [{ DYNO: 'web.1' }, 'Heroku', 'always', 'production'],
  [{ RAILWAY_PROJECT_ID: 'x' }, 'Railway', 'off-volumes', 'production'],
  [{ RAILWAY_ENVIRONMENT_NAME: 'staging' }, 'Railway', 'off-volumes', 'staging'],
  [{ FLY_APP_NAME: 'x', FLY_REGION: 'ams' }, 'Fly.io', 'off-volumes', 'production'],
  [{ VERCEL: '1', VERCEL_ENV: 'preview' }, 'Vercel', 'always', 'preview'],
  [{ VERCEL: '1' }, 'Vercel', 'always', 'production'],
  [{ NETLIFY: 'true', CONTEXT: 'production' }, 'Netlify', 'always', 'production'],
  [{ NETLIFY: 'true', CONTEXT: 'deploy-preview' }, 'Netlify', 'always', 'preview'],
  [{ K_SERVICE: 'x', K_REVISION: 'x-1' }, 'Cloud Run', 'off-volumes', 'production'],
  [{ SPACE_ID: 'me/space' }, 'Hugging Face Spaces', 'off-volumes', 'production'],
  [{ HOSTNAME: 'streamlit' }, 'Streamlit Community Cloud', 'always', 'production'],
];

test.each(HOST_TABLE)('%j is %s, which forgets %s, and is %s', (env, name, forgets, environment) => {
  expect(detectHost(env, none)).toEqual({ name, forgets, environment });
  // Most of them are containers themselves.
  expect(detectHost(env, container)?.name).toBe(name);
});

test('a file tells where no variable does', () => {
  expect(detectHost({}, files('/mount/src'))?.name).toBe('Streamlit Community Cloud');
  expect(detectHost({}, container)).toEqual({
    name: 'a Docker container',
    forgets: 'off-volumes',
    environment: undefined,
  });
});

test('an ordinary machine is none, nor is one that has empty variables', () => {
  expect(detectHost({}, none)).toBeUndefined();
  expect(detectHost({ DYNO: '', SPACE_ID: '', RENDER: '', K_SERVICE: '' }, none)).toBeUndefined();
});

test('OVERWINTER_HOST says it where the signs are wrong', () => {
  expect(detectHost({ OVERWINTER_HOST: 'none', DYNO: 'web.1' }, container)).toBeUndefined();
  expect(detectHost({ OVERWINTER_HOST: 'Heroku' }, none)?.name).toBe('Heroku');
  for (const host of [...HOSTS, 'none']) expect(configFromEnvironment({ OVERWINTER_HOST: host })).toEqual({});
  expect(() => configFromEnvironment({ OVERWINTER_HOST: 'herokku' })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('heroku') }),
  );
});

test.each([
  [{}, 'development'],
  [{ NODE_ENV: 'test' }, 'test'],
  [{ NODE_ENV: '' }, 'development'],
  [{ DYNO: 'web.1' }, 'production'],
  [{ DYNO: 'web.1', NODE_ENV: 'staging' }, 'production'],
  [{ VERCEL: '1', CI: '1' }, 'ci'],
  [{ CI: 'false' }, 'development'],
  [{ DYNO: 'web.1', OVERWINTER_ENVIRONMENT: 'staging' }, 'staging'],
  [{ GITHUB_ACTIONS: 'true', CI: 'true', OVERWINTER_ENVIRONMENT: 'production' }, 'production'],
])('%j makes the environment %s', (env: Env, environment) => {
  expect(settle({}, configFromEnvironment(env), {}, env, none).environment).toBe(environment);
});

test('a configuration names the environment over the host', () => {
  expect(settle({}, {}, { environment: 'staging' }, { DYNO: 'web.1' }, none).environment).toBe('staging');
});
