import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { withoutSecrets } from '../../src/core/secrets.ts';
import { gitHost } from '../support/git-host.ts';
import { newRepository, plainEnvironment, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/main.cjs');
const TOKEN = 'ghs_NobodyMaySeeThis0123456789abcdef';
const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');

interface Ran {
  readonly code: number | null;
  readonly said: string;
  /** The arguments of every process there was meanwhile. */
  readonly seen: ReadonlySet<string>;
}

/** Runs the program and looks at all processes of the machine while it does. */
async function spiedOn(cwd: string, args: readonly string[]): Promise<Ran> {
  const env = { ...plainEnvironment, OVERWINTER_HOST: 'none', GIT_TERMINAL_PROMPT: '0' };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = once(child, 'close');
  const seen = new Set<string>();
  for (let open = true; open; ) {
    for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid)) seen.add(argumentsOf(pid));
    open = await Promise.race([ended.then(() => false), new Promise<boolean>((go) => setImmediate(() => go(true)))]);
  }
  const [code] = await ended;
  return { code, said, seen };
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

async function deployment(remote: (host: string) => string, allowed = true): Promise<TestRepository> {
  const repository = newRepository({ hooks: false });
  writeFileSync(join(repository.top, 'package.json'), '{}');
  const hosted = scratch();
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', join(hosted, 'app.git')]);
  execFileSync('git', ['config', 'http.receivepack', 'true'], { cwd: join(hosted, 'app.git') });
  repository.git(['push', '-q', join(hosted, 'app.git'), 'main']);
  repository.git([
    'remote',
    'add',
    'origin',
    remote((await gitHost(hosted, allowed ? { basic: BASIC } : { status: 500 })).host),
  ]);
  return repository;
}

test.skipIf(!existsSync('/proc/self/cmdline'))(
  'a push with a token, given as CI gives it, shows the token to nobody',
  async () => {
    const repository = await deployment((host) => `http://${host}/app.git`);
    // What actions/checkout leaves in the configuration.
    repository.git(['config', 'http.extraHeader', `Authorization: Basic ${BASIC}`]);
    for (const args of [['--debug'], ['--json', '--debug']]) {
      const { code, said, seen } = await spiedOn(repository.top, [
        'ci',
        '--db',
        repository.db,
        '--branch',
        'backups',
        ...args,
      ]);
      expect(code, said).toBe(0);
      expect(said).not.toMatch(new RegExp(`${TOKEN}|${BASIC}`));
      const all = [...seen].join('\n');
      expect(all, 'the spy saw git at work').toMatch(/git-remote-http|remote-http/);
      expect(all).not.toMatch(new RegExp(`${TOKEN}|${BASIC}`));
    }
    const manifests = repository.git(['show', 'HEAD']);
    expect(manifests).not.toContain(TOKEN);
  },
);

test.each([['--debug'], ['--json', '--debug'], []])(
  'a token in the remote’s address is in nothing that is said when the push fails (%s %s)',
  async (...args) => {
    const repository = await deployment((host) => `http://x-access-token:${TOKEN}@${host}/app.git`, false);
    const url = repository.git(['remote', 'get-url', 'origin']).trim();
    for (const remote of ['origin', url]) {
      const call = ['ci', '--db', repository.db, '--branch', 'backups', '--remote', remote, ...args];
      const { code, said } = await spiedOn(repository.top, call);
      expect(code).not.toBe(0);
      expect(said).toMatch(/GIT_FAILED|PUSH_REFUSED/);
      expect(said).not.toContain(TOKEN);
    }
  },
);

test.each([
  ['https://user:pass@example.org/a.git', 'https://***@example.org/a.git'],
  [
    "fatal: unable to access 'https://ghp_x@github.com/a/b/': 403",
    "fatal: unable to access 'https://***@github.com/a/b/': 403",
  ],
  ['ssh://git:pass@example.org/a', 'ssh://git:***@example.org/a'],
  ['ssh://git@example.org/a', 'ssh://git@example.org/a'],
  ['postgres://ada:p@ss/w0rd@example.org/a', 'postgres://ada:***@example.org/a'],
  ['postgres://example.org/a?user=ada&password=pass', 'postgres://example.org/a?user=ada&password=***'],
  ["--db 'postgres://:pass@example.org/a'", "--db 'postgres://:***@example.org/a'"],
  ['git@github.com:a/b.git', 'git@github.com:a/b.git'],
  ['https://example.org/@scope/package', 'https://example.org/@scope/package'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer ***'],
  ['mail ada@example.org', 'mail ada@example.org'],
])('%s is said as %s', (text, said) => {
  expect(withoutSecrets(text)).toBe(said);
});
