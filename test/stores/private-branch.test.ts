import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { rememberReaders } from '../../src/local/readers.ts';
import { ageKey } from '../support/age.ts';
import { backupsAt, type Deployment, newDeployment, pageIn, publish, run } from '../support/deployment.ts';
import type { TestRepository } from '../support/repository.ts';
import { everythingIn } from '../support/secrets.ts';

const ada = ageKey();
const eve = ageKey();
const HOLDER = { OVERWINTER_IDENTITY: ada.identity };

let deployment: Deployment;

const configure = ({ write }: TestRepository, config: object) =>
  write('overwinter.config.json', JSON.stringify({ db: 'app.db', stores: ['branch:backups'], ...config }));

/** An app in another language, kept: it adds so many patients and ends. */
function serve(app: TestRepository, patients: number, env: Record<string, string> = {}) {
  const script = `import sqlite3
db = sqlite3.connect('app.db')
db.execute('CREATE TABLE IF NOT EXISTS patients(id INTEGER PRIMARY KEY, diagnosis TEXT, password_hash TEXT)')
for n in range(${patients}): db.execute('INSERT INTO patients(diagnosis, password_hash) VALUES (?, ?)', ('Hypochondria %d' % n, 'HASH-OF-%d' % n))
db.commit()`;
  return run(app.top, ['run', '--', 'python3', '-c', script], { OVERWINTER_ENVIRONMENT: 'production', ...env });
}

const rowsOf = ({ db }: TestRepository, query: string) => {
  const database = new Database(db, { readonly: true });
  const rows = database.prepare(query).raw().all();
  database.close();
  return rows;
};

beforeEach(() => {
  deployment = newDeployment();
});

describe('a branch that gets encrypted backups while the app runs', () => {
  beforeEach(() => {
    configure(deployment.app, { encrypt: { recipients: [ada.recipient] } });
    publish(deployment, 'begin');
  });

  test('tells nobody without the key anything, and starts a new host that has it', () => {
    const { app, remote, clone } = deployment;
    expect(serve(app, 2000)).toMatchObject({ code: 0, stderr: expect.stringContaining('2,000 rows') });
    expect(serve(app, 1)).toMatchObject({ code: 0 });
    const kept = backupsAt(deployment, 'backups');
    expect([...kept.values()].map(({ metadata }) => metadata.origin.environment)).toContain('production');
    const all = everythingIn(remote);
    expect(all).toContain(ada.recipient);
    for (const word of ['Hypochondria', 'patients', 'password_hash', 'HASH-OF']) expect(all.includes(word)).toBe(false);

    const env = { OVERWINTER_ENVIRONMENT: 'production' };
    for (const wrong of [{}, { OVERWINTER_IDENTITY: eve.identity }]) {
      const host = clone();
      const refused = serve(host, 1, wrong);
      expect([refused.code, refused.stderr]).toEqual([12, expect.stringContaining(ada.recipient)]);
      expect(existsSync(host.db)).toBe(false);
      const status = run(host.top, ['status'], { ...env, ...wrong });
      expect(status.stdout).toContain('boot      would refuse to start');
      // The hold that this left keeps its emptiness from being saved.
      expect(run(host.top, ['backup'], { ...env, ...wrong }).code).not.toBe(0);
    }
    expect([...backupsAt(deployment, 'backups').keys()]).toEqual([...kept.keys()]);

    const host = clone();
    expect(run(host.top, ['status'], { ...env, ...HOLDER }).stdout).toMatch(/boot {6}would restore backup_/);
    expect(serve(host, 1, HOLDER).code).toBe(0);
    expect(rowsOf(host, 'SELECT count(*), max(password_hash) FROM patients')).toEqual([[2002, 'HASH-OF-999']]);
  });

  test('does not get a plain one from an app that lacks the configuration, and hears what to do', () => {
    const { app, clone, atRemote } = deployment;
    expect(serve(app, 5).code).toBe(0);
    const before = atRemote('rev-parse', 'backups');
    const host = clone();
    configure(host, {});
    const ran = serve(host, 20, HOLDER);
    expect(ran.stderr).toContain('is not encrypted, and those for the branch backups of origin are');
    expect(ran.stderr).toContain("encrypt: { recipients: ['age1…'] }");
    expect(atRemote('rev-parse', 'backups')).toBe(before);
    configure(host, { encrypt: false });
    expect(serve(host, 1, HOLDER).stderr).not.toContain('is not encrypted');
    expect(atRemote('rev-parse', 'backups')).not.toBe(before);
  });
});

describe('a branch that gets backups without what looks like a credential', () => {
  test('has none of it, and a new host starts without it', () => {
    const { app, remote, clone } = deployment;
    configure(app, {});
    publish(deployment, 'begin');
    expect(serve(app, 2000).code).toBe(0);
    const all = everythingIn(remote);
    expect([all.includes('Hypochondria 7'), all.includes('HASH-OF')]).toEqual([true, false]);
    const host = clone();
    expect(serve(host, 1).code).toBe(0);
    expect(rowsOf(host, 'SELECT count(*), count(password_hash) FROM patients')).toEqual([[2001, 1]]);
  });
});

test('CI tells of encrypted backups in numbers alone: its page and its log are public where the repository is', () => {
  const { app, clone, atRemote } = deployment;
  configure(app, { stores: undefined, encrypt: { recipients: [ada.recipient] } });
  publish(deployment, 'begin');
  expect(serve(app, 500).code).toBe(0);
  const said: string[] = [];
  for (const change of ['SELECT 1', 'CREATE TABLE treatments(id)', 'DELETE FROM patients WHERE id < 4']) {
    new Database(app.db).exec(change).close();
    const runner = clone();
    const page = pageIn(runner.top);
    const env = { ...HOLDER, GITHUB_STEP_SUMMARY: page.path };
    const ran = run(runner.top, ['ci', '--db', app.db, '--branch', 'backups'], env);
    expect([ran.code, ran.stderr.includes('Saved')]).toEqual([0, true]);
    said.push(page.read(), ran.stdout, ran.stderr);
  }
  expect(said.join('\n')).toContain('Rows: 0 added, 0 changed, 3 removed. Definitions that changed: 0.');
  said.push(atRemote('log', '--format=%B', 'backups'));
  for (const word of ['patients', 'treatments', 'diagnosis', 'Hypochondria'])
    expect(said.join('\n')).not.toContain(word);
});

describe('a branch of a repository that is known to be public', () => {
  test.each([
    ['plain', {}, false],
    ['plain, which is allowed', { publicRemote: 'allow' }, true],
    ['encrypted', { encrypt: { recipients: [ada.recipient] } }, true],
  ])('%s', (_what, config, arrives) => {
    const { app, remote, atRemote } = deployment;
    configure(app, config);
    publish(deployment, 'begin');
    rememberReaders(join(app.top, '.overwinter'), remote, 'anyone');
    const ran = serve(app, 3);
    expect([ran.code, ran.stderr.includes('Everybody can read')]).toEqual([0, !arrives]);
    expect(atRemote('branch', '--list', 'backups') !== '').toBe(arrives);
    // Here it is saved either way.
    expect(run(app.top, ['list', '--json']).stdout).toContain('"rows": 3');
  });
});

describe('what looks at encrypted backups from outside needs no key', () => {
  test('list --history, doctor and status, with the key and without', () => {
    const { app } = deployment;
    configure(app, { stores: undefined });
    writeFileSync(join(app.top, '.gitignore'), 'app.db*\n');
    expect(serve(app, 3).code).toBe(0);
    const [plain = ''] = [...JSON.parse(run(app.top, ['list', '--json']).stdout).backups].map(({ name }) => name);
    publish(deployment, 'plain');
    configure(app, { stores: undefined, encrypt: { recipients: [ada.recipient] } });
    expect(run(app.top, ['backup', 'sealed']).code).toBe(0);
    publish(deployment, 'encrypted');
    rmSync(join(app.top, 'backups', `${plain}.json`));
    publish(deployment, 'remove the plain one');

    for (const key of [{}, HOLDER] as Record<string, string>[]) {
      const env = { ...key, OVERWINTER_HOST: 'none' };
      const { backups, unreadable } = JSON.parse(run(app.top, ['list', '--history', '--json'], env).stdout);
      expect(backups).toMatchObject([
        { name: 'sealed', format: 2, inFolder: true },
        { name: plain, format: 1, inFolder: false },
      ]);
      expect(unreadable).toEqual([]);
      expect(run(app.top, ['list', '--history'], env).stdout).toMatch(/^sealed .*, encrypted .* yes$/m);
      const held = key === HOLDER;
      const found = JSON.parse(run(app.top, ['doctor', '--json', '--offline'], env).stdout);
      const ids = found.checks.map(({ id, level }: { id: string; level: string }) => [id, level]);
      expect(ids.find(([id]: string[]) => id === 'boots')).toEqual(held ? ['boots', 'fine'] : undefined);
      for (const id of ['readable', 'parts', 'pointer', 'saved']) expect(ids).toContainEqual([id, 'fine']);
      expect(JSON.stringify(found).includes(ada.recipient)).toBe(!held);
      const status = JSON.parse(run(app.top, ['status', '--json'], env).stdout);
      expect([status.chain.steps[4].light, status.leftOut]).toEqual([held ? 'green' : 'yellow', {}]);
      expect(status.newest).toMatchObject({ name: 'sealed', metadata: { rows: 3, format: 2 } });
      expect(JSON.stringify(status)).not.toContain('HASH-OF');
    }
    // From another commit, too: a plain one without, an encrypted one with the key.
    for (const [at, name, env, code] of [
      ['HEAD~2', plain, {}, 0],
      ['HEAD', 'sealed', {}, 12],
      ['HEAD', 'sealed', HOLDER, 0],
    ] as [string, string, Record<string, string>, number][]) {
      const to = join(app.top, `app.db-${code}-${name}`);
      expect([at, run(app.top, ['restore', name, '--at', at, '--to', to], env).code]).toEqual([at, code]);
    }
  });
});
