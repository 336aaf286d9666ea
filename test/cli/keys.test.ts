import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ageKey, packageOpens } from '../support/age.ts';
import { overwinter } from '../support/command-line.ts';
import { changeOnePatient, filesIn, makePatients } from '../support/encrypted.ts';
import { differencesBetween } from '../support/same-database.ts';
import { scratch } from '../support/scratch.ts';

const ada = ageKey();
const bob = ageKey();

function app(encrypt: unknown): {
  folder: string;
  run: (args: string[], env?: Record<string, string>) => ReturnType<typeof overwinter>;
  configure(encrypt: unknown): void;
} {
  const folder = scratch();
  const home = scratch();
  makePatients(join(folder, 'app.db'), 3000);
  const configure = (next: unknown) =>
    writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify(next === undefined ? {} : { encrypt: next }));
  configure(encrypt);
  return {
    folder,
    configure,
    run: (args, env = {}) => overwinter(folder, args, { HOME: home, XDG_CONFIG_HOME: '', ...env }),
  };
}

const json = (text: string) => JSON.parse(text);

describe('keys new', () => {
  test('writes a secret key that nobody else can read, and never shows it', async () => {
    const { folder, run, configure } = app(undefined);
    const made = run(['keys', 'new', '--json']);
    const { recipient, file, config } = json(made.stdout);
    expect(config).toBe(`"encrypt": { "recipients": ["${recipient}"] }`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const secret = /AGE-SECRET-KEY-1\w+/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
    expect(secret.length).toBe(74);
    const words = run(['keys', 'new']);
    expect(words.stdout).toMatch(/^age1[0-9a-z]{58}\n$/);
    expect(words.stderr).toContain('In overwinter.config.json:  "encrypt": {');
    for (const text of [made.stdout, made.stderr, words.stdout, words.stderr]) expect(text).not.toContain('AGE-SECRET');
    expect(readdirSync(folder).sort()).toEqual(['app.db', 'overwinter.config.json']);
    // It is found where it is, without being named.
    configure({ recipients: [recipient] });
    expect(run(['backup']).code).toBe(0);
    expect(run(['verify']).code).toBe(0);
    // And it is a key like any other of age's.
    for (const [path, bytes] of filesIn(join(folder, 'backups')))
      if (path.endsWith('.age'))
        expect((await packageOpens({ ...ada, identity: secret }, bytes)).length).toBeGreaterThan(100);
  });

  test('refuses to put one into the project, or over another', () => {
    const { run } = app(undefined);
    expect(run(['keys', 'new', '--to', 'key.txt'])).toMatchObject({ code: 2, stdout: '' });
    const file = join(scratch(), 'key.txt');
    expect(run(['keys', 'new', '--to', file]).code).toBe(0);
    const before = readFileSync(file);
    expect(run(['keys', 'new', '--to', file])).toMatchObject({ code: 2 });
    expect(readFileSync(file)).toEqual(before);
  });
});

describe('identities', () => {
  test('come from the environment, from a file that is named, and from the home', () => {
    const { folder, run } = app({ recipients: [ada.recipient, bob.recipient] });
    expect(run(['backup']).code).toBe(0);
    const comment = `# a comment\n\n${ada.identity}\n`;
    for (const env of [
      { OVERWINTER_IDENTITY: ada.identity },
      { OVERWINTER_IDENTITY: comment },
      { OVERWINTER_IDENTITY_FILE: bob.file },
    ]) {
      const to = join(scratch(), 'copy.db');
      expect(run(['restore', '--to', to], env).code).toBe(0);
      expect(differencesBetween(join(folder, 'app.db'), to)).toEqual([]);
    }
  });

  test('a wrong, a missing and a mistyped one end with 12, name the recipients, and show no secret', () => {
    const { run } = app({ recipients: [ada.recipient] });
    expect(run(['backup']).code).toBe(0);
    const mistyped = `${ada.identity.slice(0, -1)}${ada.identity.endsWith('Q') ? 'P' : 'Q'}`;
    for (const [env, words] of [
      [{}, ada.recipient],
      [{ OVERWINTER_IDENTITY: bob.identity }, ada.recipient],
      [{ OVERWINTER_IDENTITY: mistyped }, 'line 1'],
      [{ OVERWINTER_IDENTITY_FILE: '/nonexistent/key.txt' }, '/nonexistent/key.txt'],
    ] as [Record<string, string>, string][]) {
      for (const args of [['restore', '--to', join(scratch(), 'x.db')], ['verify'], ['export', 'latest'], ['diff']]) {
        const { code, stdout, stderr } = run([...args, '--debug'], env);
        expect([args[0], code, stdout]).toEqual([args[0], 12, '']);
        expect(stderr).toContain(words);
        for (const secret of [ada.identity, bob.identity, mistyped]) expect(stderr).not.toContain(secret.slice(20, 60));
      }
    }
  });

  test('none is kept in what the command remembers, nor is a passphrase or its hash', () => {
    const { folder, run } = app({ recipients: [ada.recipient] });
    const env = { OVERWINTER_IDENTITY: ada.identity, OVERWINTER_PASSPHRASE: 'correct horse' };
    expect(run(['backup'], env).code).toBe(0);
    const local = filesIn(join(folder, '.overwinter'));
    for (const [path, bytes] of local) {
      expect([path, bytes.includes(ada.identity.slice(20, 60)), bytes.includes('correct')]).toEqual([
        path,
        false,
        false,
      ]);
      if (path.startsWith('epoch-')) expect(statSync(join(folder, '.overwinter', path)).mode & 0o777).toBe(0o600);
    }
    const memory = local.get('unchanged.json')?.toString();
    expect(run(['backup'], {}).code).toBe(0);
    // Nothing changed for the memory, so nothing of the keys is in it.
    expect(readFileSync(join(folder, '.overwinter/unchanged.json'), 'utf8')).toBe(memory);
  });
});

test('a configuration that cannot be is refused before anything is written, and a secret in it is not repeated', () => {
  for (const encrypt of [
    true,
    {},
    { recipients: [] },
    { recipients: 'age1' },
    { recipients: [ada.identity] },
    { recipients: [ada.recipient.replace(/.$/, (c) => (c === 'q' ? 'p' : 'q'))] },
    { recipient: [ada.recipient] },
  ]) {
    const { folder, run } = app(encrypt);
    const { code, stderr } = run(['backup']);
    expect([encrypt, code]).toEqual([encrypt, 2]);
    expect(stderr).not.toContain('AGE-SECRET');
    expect(readdirSync(folder)).not.toContain('backups');
  }
});

test('what belongs to a backup and is no document is not imported, and is called what it is', () => {
  const { folder, run, configure } = app({ recipients: [ada.recipient] });
  expect(run(['backup', 'sealed']).code).toBe(0);
  configure(false);
  expect(run(['backup', 'plain']).code).toBe(0);
  const backups = join(folder, 'backups');
  const part = [...filesIn(backups).keys()].find((path) => path.endsWith('.age')) ?? '';
  for (const [path, words] of [
    ['sealed.json', /cannot be imported: it is a part of an encrypted backup\./],
    ['plain.json', /cannot be imported: its rows are in other files\./],
    // With the key it is opened, and rows of one table are no document.
    [part, /cannot be imported: .*IMPORT_UNREADABLE/],
  ] as const) {
    const env = { OVERWINTER_IDENTITY: ada.identity };
    const { code, stderr } = run(['import', join(backups, path), '--db', 'new.db'], env);
    expect([path, code, stderr]).toEqual([path, 1, expect.stringMatching(words)]);
    expect(readdirSync(folder)).not.toContain('new.db');
  }
});

test('status says whether a start of the app could open the newest backup', () => {
  const { folder, run } = app({ recipients: [ada.recipient] });
  expect(run(['backup']).code).toBe(0);
  const without = json(run(['status', '--json']).stdout);
  const [, , , drilled, boots] = without.chain.steps;
  expect([drilled.cause, boots.cause]).toEqual(['no-key', 'no-key']);
  expect(boots.text).toContain(ada.recipient);
  rmSync(join(folder, 'app.db'));
  const env = { OVERWINTER_DB: 'app.db' };
  expect(json(run(['status', '--json'], env).stdout).boot).toContain('refuse to start');
  const withKey = json(run(['status', '--json'], { ...env, OVERWINTER_IDENTITY: ada.identity }).stdout);
  expect(withKey.boot).toMatch(/^restore /);
  expect(run(['list']).stdout).toContain('encrypted');
});

test('a large restore, shared by two threads, gets every row; one from history too; and an app is started and kept', () => {
  const { folder, run } = app({ recipients: [ada.recipient] });
  const file = join(folder, 'app.db');
  rmSync(file);
  makePatients(file, 30_000);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args]);
  git('init', '-q');
  expect(run(['backup']).code).toBe(0);
  git('add', 'backups');
  git('commit', '-qm', 'save');
  const env = { OVERWINTER_IDENTITY: ada.identity, OVERWINTER_DB: 'app.db' };
  const to = join(scratch(), 'copy.db');
  expect(run(['restore', '--to', to], env).code).toBe(0);
  expect(differencesBetween(file, to)).toEqual([]);
  rmSync(join(folder, 'backups'), { recursive: true });
  expect(run(['restore', '--at', 'HEAD', '--to', `${to}.old`], env).code).toBe(0);
  expect(differencesBetween(file, `${to}.old`)).toEqual([]);

  git('checkout', '-q', '--', 'backups');
  rmSync(file);
  const change =
    "const D = require('better-sqlite3'); new D('app.db').prepare('DELETE FROM patients WHERE id = 1').run()";
  const script = join(scratch(), 'app.cjs');
  writeFileSync(
    script,
    change.replace("'better-sqlite3'", JSON.stringify(createRequire(import.meta.url).resolve('better-sqlite3'))),
  );
  expect(run(['run', '--', process.execPath, script]).code).toBe(12);
  expect(run(['run', '--', process.execPath, script], env).code).toBe(0);
  const [newest, before] = json(run(['list', '--json']).stdout).backups;
  expect([newest.rows, before.rows, newest.format]).toEqual([60_000, 60_001, 2]);
});

describe('keys rotate and check', () => {
  test('every backup, plain ones too, is encrypted anew; old keys open nothing that is kept', () => {
    const { folder, run, configure } = app(undefined);
    const env = { OVERWINTER_IDENTITY: ada.identity };
    expect(run(['backup']).code).toBe(0);
    changeOnePatient(join(folder, 'app.db'));
    configure({ recipients: [ada.recipient] });
    expect(run(['backup', 'named']).code).toBe(0);
    changeOnePatient(join(folder, 'app.db'), 7);
    expect(run(['backup']).code).toBe(0);
    expect(json(run(['keys', 'check', '--json'], env).stdout).backups).toMatchObject([
      { opens: true, held: [ada.recipient], recipients: [ada.recipient] },
      { name: 'named', opens: true },
      { recipients: [], opens: true },
    ]);
    const before = json(run(['list', '--json']).stdout).backups;

    configure({ recipients: [bob.recipient] });
    expect(run(['keys', 'rotate']).code).toBe(12);
    expect(json(run(['list', '--json']).stdout).backups).toEqual(before);
    const rotated = json(run(['keys', 'rotate', '--json'], env).stdout);
    expect(rotated.rotated).toHaveLength(3);
    expect(rotated.rotated[1]).toEqual({ from: 'named', to: 'named' });
    const after = json(run(['list', '--json']).stdout).backups;
    const dates = (list: { backup_date: string; rows: number }[]) =>
      list.map(({ backup_date, rows }) => [backup_date, rows]);
    expect(dates(after)).toEqual(dates(before));

    const asAda = run(['keys', 'check'], env);
    expect([asAda.code, asAda.stdout]).toEqual([12, expect.stringContaining('no key here')]);
    const asBob = { OVERWINTER_IDENTITY: bob.identity };
    expect(run(['keys', 'check'], asBob).code).toBe(0);
    const drill = run(['verify', '--all', '--json'], asBob);
    expect([drill.code, json(drill.stdout).backups.length]).toEqual([0, 3]);
    expect(run(['verify', '--all'], env).code).not.toBe(0);
    for (const path of filesIn(join(folder, 'backups')).keys()) expect(path).not.toMatch(/\.jsonl$/);
    expect(json(run(['status', '--json'], asBob).stdout).unreadable).toEqual([]);
    // And life goes on from there.
    expect(json(run(['backup', '--json']).stdout)).toMatchObject({ status: 'unchanged' });
  });

  test('a rotation that nobody configured is refused with the command to run', () => {
    const { run } = app(undefined);
    expect(run(['backup']).code).toBe(0);
    const { code, stderr } = run(['keys', 'rotate']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('overwinter keys new')]);
  });
});
