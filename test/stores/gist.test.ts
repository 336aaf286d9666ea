import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { gistKind } from '../../src/stores/git/gist-kind.ts';
import { isReadable, type WritableStore } from '../../src/stores/store.ts';
import { storeContract } from '../contracts/store.ts';
import { ageKey } from '../support/age.ts';
import { run } from '../support/deployment.ts';
import { addRows, plainEnvironment } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const IDENTITY = {
  ...plainEnvironment,
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@localhost',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@localhost',
};

/** A repository like a gist: it takes no folders, says so, and has a branch of its own. */
function gist(): { readonly address: string; readonly git: (...args: string[]) => string } {
  const bare = join(scratch(), 'gist.git');
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: bare, encoding: 'utf8', stdio: 'pipe', input: '', env: IDENTITY });
  execFileSync('git', ['init', '-q', '--bare', '-b', 'trunk', bare]);
  const hook = `#!/bin/sh
while read -r _old new _ref; do
  if git ls-tree "$new" | grep -q ' tree '; then
    echo 'Gist does not support directories.' >&2
    echo 'These are the directories that are causing problems: parts' >&2
    exit 1
  fi
done
`;
  writeFileSync(join(bare, 'hooks/pre-receive'), hook, { mode: 0o755 });
  return { address: `file://${bare}`, git };
}

function storeAt(address: string, database = '', top = scratch()): WritableStore {
  const backups = join(top, 'backups');
  const around = {
    env: plainEnvironment,
    base: top,
    environment: 'test',
    local: join(top, '.overwinter'),
    backups,
    folder: join(backups, database),
  };
  const opened = gistKind.parse(address)(around).open();
  if (!isReadable(opened)) throw new Error('it can be read');
  return opened;
}

storeContract('a gist', () => {
  const { address } = gist();
  return { store: storeAt(address), again: () => storeAt(address) };
});

test('everything lies on top of the branch that it has, each database by itself', async () => {
  const { address, git } = gist();
  // They all begin with a commit.
  const tree = git('mktree').trim();
  git('update-ref', 'refs/heads/trunk', git('commit-tree', '-m', 'begin', tree).trim());
  const part = 'parts/a%20b-5d41402abc4b2a76b9719d911017c592ae3f2b10-00f31c9e.jsonl';
  for (const database of ['', 'jobs'])
    await storeAt(address, database).batch(async (batch) => {
      await batch.put(part, Buffer.from('hello'));
      await batch.publish('a.json', Buffer.from(`{"of":"${database}"}`));
    });
  const flat = part.replaceAll('/', '~');
  expect(git('ls-tree', '-r', '--name-only', 'trunk').trim().split('\n')).toEqual(
    ['a.json', 'jobs~a.json', `jobs~${flat}`, flat].sort(),
  );
  expect(String(await storeAt(address).read('a.json'))).toBe('{"of":""}');
  expect([...(await storeAt(address, 'jobs').list('top')).keys()]).toEqual(['a.json']);
  expect([...(await storeAt(address).list('top')).keys()]).toEqual(['a.json']);
});

describe('through the command line', () => {
  const machine = (address: string, more: object = {}) => {
    const folder = scratch();
    writeFileSync(join(folder, 'package.json'), '{}');
    writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify({ db: 'app.db', stores: [address], ...more }));
    return { folder, db: join(folder, 'app.db') };
  };
  const env = { OVERWINTER_HOST: 'none', OVERWINTER_ENVIRONMENT: 'production' };

  test('plain backups are refused, for whoever has its link can read it', () => {
    const { address, git } = gist();
    const { folder, db } = machine(`gist:${address}`);
    addRows(db, 3);
    run(folder, ['backup'], env);
    const pushed = run(folder, ['push'], env);
    expect(pushed.code).toBe(1);
    expect(pushed.stderr).toMatch(/Everybody can read the gist/);
    expect(pushed.stderr).toContain('overwinter keys new');
    expect(pushed.stderr).not.toContain('gh repo');
    expect(git('for-each-ref')).toBe('');
    const meant = machine(`gist:${address}`, { publicRemote: 'allow' });
    addRows(meant.db, 3);
    run(meant.folder, ['backup'], env);
    expect(run(meant.folder, ['push'], env)).toMatchObject({ code: 0 });
  });

  test('encrypted ones get there, and an empty folder with the address and the key starts with them', () => {
    const { address } = gist();
    const { identity, recipient } = ageKey();
    const keys = { ...env, OVERWINTER_IDENTITY: identity };
    const encrypted = { encrypt: { recipients: [recipient] } };
    const { folder, db } = machine(`gist:${address}`, encrypted);
    for (const rows of [2000, 1]) {
      addRows(db, rows, 'x'.repeat(80));
      run(folder, ['backup'], keys);
      expect(run(folder, ['push', '--json'], keys).stdout).toContain('"copied"');
    }
    const started = machine(`gist:${address}`, encrypted);
    const booted = JSON.parse(run(started.folder, ['auto-restore', '--json'], keys).stdout);
    expect(booted).toMatchObject({ restored: true, rows: 2001 });
    expect(run(folder, ['verify', '--store', 'gist'], keys)).toMatchObject({ code: 0 });
  });

  test('what a host says of a push that it refuses is passed on', () => {
    const { address } = gist();
    const { folder, db } = machine(`branch:trunk?remote=${address}`);
    addRows(db, 3000, 'x'.repeat(80));
    run(folder, ['backup'], env);
    const pushed = run(folder, ['push'], env);
    expect(pushed.code).toBe(1);
    expect(pushed.stderr).toContain('and says: Gist does not support directories. These are the directories');
  });
});

test.each(['', 'short', 'https://me:hunter2@gist.github.com/x.git', '-x', 'ext::sh hunter2', 'a b'])(
  'gist:%s is refused, and not repeated',
  (rest) => {
    expect(() => gistKind.parse(rest)).toThrow(OverwinterError);
    try {
      gistKind.parse(rest);
    } catch (error) {
      expect(String(error)).not.toContain('hunter2');
    }
  },
);

test.each(['0123456789abcdef0123', 'ada/0123456789abcdef0123456789abcdef'])('%s is a gist by its id', (id) => {
  const top = scratch();
  const backups = join(top, 'backups');
  const local = join(top, '.overwinter');
  const around = { env: plainEnvironment, base: top, environment: 'test', local, backups, folder: backups };
  const place = gistKind.parse(id)(around);
  expect(`${place.label} ${place.id}`).toContain(`https://gist.github.com/${id}.git`);
});

test.each(['hooks/post-checkout', 'info/attributes', 'config.worktree', 'commondir', 'objects/info/alternates'])(
  'a store on this machine into which somebody put %s is made anew',
  async (planted) => {
    const { address } = gist();
    const top = scratch();
    const bytes = Buffer.from('{}');
    await storeAt(address, '', top).batch((batch) => batch.publish('a.json', bytes));
    const local = join(top, '.overwinter');
    const [head = ''] = readdirSync(local, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /(^|\/)HEAD$/.test(file),
    );
    const path = join(local, dirname(head), planted);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'planted');
    expect(await storeAt(address, '', top).read('a.json')).toEqual(bytes);
    expect(existsSync(path)).toBe(false);
  },
);

/** The repository on this machine that a gist is read through. */
function cacheIn(top: string): string {
  const remotes = join(top, '.overwinter/remotes');
  return join(remotes, readdirSync(remotes)[0] ?? '');
}

test.each<readonly [string, (cache: string) => void]>([
  ['no commit that it is at', (cache) => writeFileSync(join(cache, 'HEAD'), 'nonsense')],
  ['no objects', (cache) => rmSync(join(cache, 'objects'), { recursive: true })],
  ['other settings', (cache) => writeFileSync(join(cache, 'config'), '[nonsense')],
  ['a beginning of history that is none', (cache) => writeFileSync(join(cache, 'shallow'), 'nonsense')],
  ['a file in the place of a folder', (cache) => replaceBy(cache, () => writeFileSync(cache, ''))],
  ['a link in the place of its settings', (cache) => replaceBy(join(cache, 'config'), linkTo(join(cache, 'HEAD')))],
])('a store on this machine that is broken is made anew: %s', async (_, breaks) => {
  const { address } = gist();
  const top = scratch();
  const store = () => storeAt(address, '', top);
  await store().batch((batch) => batch.publish('a.json', Buffer.from('1')));
  breaks(cacheIn(top));
  expect(String(await store().read('a.json'))).toBe('1');
  breaks(cacheIn(top));
  await store().batch((batch) => batch.publish('b.json', Buffer.from('2')));
  expect([...(await store().list('top')).keys()].sort()).toEqual(['a.json', 'b.json']);
});

const replaceBy = (path: string, make: (path: string) => void) => {
  rmSync(path, { recursive: true });
  make(path);
};
const linkTo = (target: string) => (path: string) => symlinkSync(target, path);

test('a store on this machine is used again as long as it is sound and small', async () => {
  const { address } = gist();
  const top = scratch();
  const store = () => storeAt(address, '', top);
  await store().batch((batch) => batch.publish('a.json', Buffer.from('1')));
  const cache = cacheIn(top);
  const before = statSync(cache).ino;
  expect(String(await store().read('a.json'))).toBe('1');
  expect(statSync(cache).ino).toBe(before);
  // Each fetch leaves a file of its own, and nobody tidies: one with many of them is thrown away.
  const packs = join(cache, 'objects/pack');
  const [pack = ''] = readdirSync(packs).filter((file) => file.endsWith('.pack'));
  for (let n = 0; n < 200; n++)
    for (const end of ['.pack', '.idx'])
      cpSync(join(packs, pack.replace('.pack', end)), join(packs, `pack-${String(n).padStart(40, '0')}${end}`));
  expect(String(await store().read('a.json'))).toBe('1');
  expect(statSync(cache).ino).not.toBe(before);
});

test('what fails for another reason is not tried with a new store', async () => {
  const { address } = gist();
  const top = scratch();
  const store = () => storeAt(address, '', top);
  await store().batch((batch) => batch.publish('a.json', Buffer.from('1')));
  let times = 0;
  const failing = store().batch(async () => {
    times++;
    throw new Error('not the fault of git');
  });
  await expect(failing).rejects.toThrow('not the fault of git');
  expect(times).toBe(1);
});
