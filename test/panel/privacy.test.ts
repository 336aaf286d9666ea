import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/core/manifest.ts';
import { contentDigest, writeManifest } from '../../src/core/write-manifest.ts';
import { readManifest } from '../../src/format/read-manifest.ts';
import { servePanel } from '../../src/panel/serve.ts';
import { ageKey } from '../support/age.ts';
import { startCommand } from '../support/app.ts';
import { MAIN, overwinter } from '../support/command-line.ts';
import { filesIn } from '../support/encrypted.ts';
import { lasting, scratch } from '../support/scratch.ts';
import { type Fields, formOf, worldIn } from './support.ts';

const ada = ageKey();
const eve = ageKey();
const HOLDER = { OVERWINTER_IDENTITY: ada.identity };
const STRANGER = { OVERWINTER_IDENTITY: eve.identity };

/** Nobody's own keys. */
const home = { HOME: lasting(), XDG_CONFIG_HOME: '' };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Place {
  readonly folder: string;
  sql(text: string): void;
  rows(query: string): unknown[];
  configure(config: unknown): void;
  run(args: readonly string[], env?: Record<string, string>): ReturnType<typeof overwinter>;
  /** What `overwinter ui` serves for it, and somebody who asks it over HTTP. */
  ui(env?: Record<string, string>): Promise<Ui>;
  /** The same in a process of its own. */
  uiApart(env?: Record<string, string>): Promise<Ui>;
}

interface Ui {
  get(path: string): Promise<{ status: number; text: string }>;
  post(path: string, fields?: Fields | FormData): Promise<Response>;
  /** Posts, and follows to the page of the job when it is over. */
  done(path: string, fields?: Fields | FormData): Promise<{ text: string; job: string }>;
}

function place(config: unknown): Place {
  const folder = scratch();
  const open = () => new Database(join(folder, 'app.db'));
  const sql = (text: string) => void open().exec(text).close();
  const configure = (next: unknown) => writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify(next));
  configure(config);
  sql(`CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, password_hash TEXT, active INTEGER);
    INSERT INTO users VALUES (1, 'ada', 'HASH-OF-ADA', 1), (2, 'bob', 'HASH-OF-BOB', 1), (3, 'cy', 'HASH-OF-CY', 0);
    CREATE TABLE diagnoses(n INTEGER PRIMARY KEY, words TEXT);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 4000)
    INSERT INTO diagnoses SELECT i, 'Hypochondria of degree ' || i FROM c`);
  return {
    folder,
    sql,
    configure,
    rows(query) {
      const db = open();
      const found = db.prepare(query).raw().all();
      db.close();
      return found;
    },
    run: (args, env = {}) => overwinter(folder, args, { ...home, ...env }),
    async ui(env = {}) {
      const [db, dir] = [join(folder, 'app.db'), join(folder, 'backups')];
      const { address, close } = await servePanel({ db, dir }, worldIn(folder, { ...home, ...env }), 0);
      closing.push(close);
      return visited(address);
    },
    async uiApart(env = {}) {
      const app = startCommand(process.execPath, [MAIN, 'ui', '--no-open'], folder, { ...home, ...env });
      return visited(await app.heard('http'));
    },
  };
}

async function visited(link: string): Promise<Ui> {
  const entered = await fetch(link, { redirect: 'follow' });
  const { origin, pathname: base } = new URL(entered.url);
  const address = (path: string) => (path.startsWith('/') ? `${origin}${path}` : `${origin}${base}${path}`);
  const get: Ui['get'] = async (path) => {
    const answer = await fetch(address(path));
    return { status: answer.status, text: await answer.text() };
  };
  const post: Ui['post'] = (path, fields = {}) =>
    fetch(address(path), {
      method: 'POST',
      redirect: 'manual',
      headers: { origin },
      body: fields instanceof FormData ? fields : formOf(fields),
    });
  return {
    get,
    post,
    async done(path, fields) {
      const sent = await post(path, fields);
      const job = sent.headers.get('location');
      if (job === null) throw new Error(`${path}: ${sent.status} ${await sent.text()}`);
      for (;;) {
        const { text } = await get(job);
        if (!text.includes('data-events')) return { text, job: job.split('/').at(-1) ?? '' };
        await new Promise((go) => setTimeout(go, 20));
      }
    },
  };
}

function upload(text: string): FormData {
  const form = new FormData();
  form.set('document', new File([text], 'document.json'));
  return form;
}

const SECRETS = ['Hypochondria', 'diagnoses', 'password_hash', 'HASH-OF'];

describe('encrypted backups', () => {
  const encrypted = () => place({ encrypt: { recipients: [ada.recipient] } });

  test('with the key: everything, as with plain ones', async () => {
    const { folder, sql, rows, uiApart } = encrypted();
    const { get, done } = await uiApart(HOLDER);
    expect((await done('backup', { name: 'one' })).text).toContain('4,003 rows saved');
    sql("UPDATE users SET name = 'eve' WHERE id = 2; DELETE FROM diagnoses WHERE n = 7");
    expect((await done('backup', { name: 'two' })).text).toContain('4,002 rows saved');
    for (const [path, bytes] of filesIn(join(folder, 'backups')))
      for (const word of SECRETS) expect([path, path.includes(word) || bytes.includes(word)]).toEqual([path, false]);

    expect((await get('')).text).toContain('All 4,002 rows are in two.');
    expect((await get('timeline')).text.match(/class="tag">encrypted/g)).toHaveLength(2);
    const detail = (await get('backups/two')).text;
    for (const words of ['diagnoses', '−1', 'rows changed', ada.recipient]) expect(detail).toContain(words);
    expect((await get('backups/one/rows?table=diagnoses&filter.words=degree%20777')).text).toContain(
      'Hypochondria of degree 777',
    );
    expect(
      (
        await done('compare', [
          ['of', 'one'],
          ['of', 'two'],
        ])
      ).text,
    ).toContain('Hypochondria of degree 7');
    expect((await done('compare', { of: 'two' })).text).toContain('There is no difference.');
    expect((await done('verify', { name: 'one' })).text).toContain('restores exactly, 4,003 rows');
    expect((await done('verify')).text).toContain('2 backups restored exactly.');

    const looked = await done('backups/one/preview');
    expect(looked.text).toContain('would be added');
    const restored = await done('backups/one/restore', { preview: looked.job, confirm: 'one' });
    expect(restored.text).toContain('4,003 rows of one are in place');
    expect(rows('SELECT name FROM users WHERE id = 2')).toEqual([['bob']]);
    await done('undo', { id: /name="id" value="([^"]+)"/.exec(restored.text)?.[1] ?? '' });
    expect(rows('SELECT name FROM users WHERE id = 2')).toEqual([['eve']]);

    const document = await get('backups/one/download');
    expect(JSON.parse(document.text).data.diagnoses).toHaveLength(4000);
    const tried = await done('import', upload(document.text));
    expect(tried.text).toContain('would be added');
    const confirmed = await done('import/confirm', { preview: tried.job, confirm: 'document.json' });
    expect(confirmed.text).toContain('are in place');
    expect(rows('SELECT name, password_hash FROM users WHERE id = 2')).toEqual([['bob', 'HASH-OF-BOB']]);
  });

  test.each([
    ['no key', {}, 'there is no identity here'],
    ['another key', STRANGER, 'none of the 1 identities here opens it'],
  ] as const)('with %s: what needs none works, and the rest says whose it takes', async (_which, env, why) => {
    const { folder, sql, rows, run, ui, configure } = encrypted();
    for (const name of ['one', 'two']) expect(run(['backup', name]).code).toBe(0);
    sql("UPDATE users SET name = 'eve' WHERE id = 2");
    const { get, post, done } = await ui(env);
    const mustAskForTheKey = (text: string) => {
      expect(text).toContain(`The backup is encrypted to ${ada.recipient}, and ${why}.`);
      expect(text).toContain('Set OVERWINTER_IDENTITY to the secret key');
      for (const word of SECRETS) expect(text).not.toContain(word);
    };
    const overview = (await get('')).text;
    expect(overview).toContain('cannot be restored here');
    expect(overview).toContain(ada.recipient);
    expect((await get('timeline')).text.match(/class="tag">encrypted/g)).toHaveLength(2);
    expect((await done('backup', { name: 'three' })).text).toContain('4,003 rows saved');

    for (const path of ['backups/one', 'backups/one/rows?table=users', 'backups/one/download']) {
      const { status, text } = await get(path);
      expect([path, status]).toEqual([path, 409]);
      mustAskForTheKey(text);
    }
    for (const [path, fields] of [
      ['backups/one/preview', {}],
      ['verify', { name: 'one' }],
      [
        'compare',
        [
          ['of', 'one'],
          ['of', 'two'],
        ],
      ],
      ['compare', { of: 'one' }],
    ] as const)
      mustAskForTheKey((await done(path, fields)).text);
    const drills = (await done('verify')).text;
    expect(drills).toContain('3 of 3 backups did not restore.');
    mustAskForTheKey(drills);

    // Also where nothing is there to compare with: before anybody types a name, not after.
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `app.db${end}`), { force: true });
    mustAskForTheKey((await done('backups/one/preview')).text);
    expect((await post('backups/one/restore', { preview: 'none', confirm: 'one' })).status).toBe(409);

    sql("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users(name) VALUES ('zoe')");
    expect(JSON.parse((await get('download')).text).data.users).toHaveLength(1);
    const sealed = filesIn(join(folder, 'backups')).get('one.json')?.toString() ?? '';
    const refused = (await done('import', upload(sealed))).text;
    expect(refused).toContain('cannot be imported: it is a part of an encrypted backup');
    expect(rows('SELECT name FROM users')).toEqual([['zoe']]);

    configure({
      encrypt: { recipients: [ada.recipient] },
      retention: { last: 1, daily: 0, weekly: 0, monthly: 0 },
    });
    for (const file of ['a', 'b']) {
      sql(`CREATE TABLE ${file}(x)`);
      expect(run(['backup', '--allow-shrink']).code).toBe(0);
    }
    const pruning = await ui(env);
    const listed = await pruning.done('clean-up/preview');
    expect(listed.text).toContain('Remove 1 backup');
    expect((await pruning.done('clean-up', { preview: listed.job })).text).toContain('1 backup went');
    const left = JSON.parse(run(['list', '--json']).stdout).backups;
    expect(left.map(({ name }: { name: string }) => name.replace(/_.*/, ''))).toEqual([
      'backup',
      'three',
      'two',
      'one',
    ]);
    const drilled = run(['verify', '--all', '--json'], HOLDER);
    expect([drilled.code, JSON.parse(drilled.stdout).backups.length]).toEqual([0, 4]);
  });

  test('what CI pulls from the panel is encrypted too, and made without a secret', async () => {
    const { ui } = encrypted();
    const { get } = await ui();
    const { status, text } = await get('export');
    expect(status).toBe(200);
    const files: { path: string }[] = JSON.parse(text).files;
    expect(files.length).toBeGreaterThan(3);
    for (const { path } of files) {
      const answer = await get(`export/${path}`);
      expect([path, answer.status]).toEqual([path, 200]);
      for (const word of SECRETS) expect([path, answer.text.includes(word)]).toEqual([path, false]);
    }
  });
});

describe('hostile backups', () => {
  test('are called damaged wherever they are looked into, and nothing of them is run', async () => {
    const { folder, run, rows, ui } = place({});
    expect(run(['backup', 'honest']).code).toBe(0);
    const file = join(folder, 'backups/honest.json');
    const { manifest } = readManifest('honest', readFileSync(file, 'utf8'));
    const forge = (name: string, change: Partial<Manifest>) => {
      const forged = { ...manifest, ...change };
      const metadata = { ...forged.metadata, content: contentDigest(forged) };
      writeFileSync(join(folder, 'backups', `${name}.json`), writeManifest({ ...forged, metadata }).text);
    };
    forge('torn', { data: new Map(manifest.data).set('users', { rows: ['5', '["<b>"]', '{"id":{"b":1}}'] }) });
    forge('trap', {
      schema: manifest.schema.map((each) => (each.name === 'users' ? { ...each, sql: "ATTACH 'trap' AS a" } : each)),
    });
    const { get, done, post } = await ui();
    expect((await get('backups/torn')).status).toBe(200);
    for (const search of ['', '&filter.id=NULL', '&sort=id']) {
      const looked = await get(`backups/torn/rows?table=users${search}`);
      expect(looked.text).toContain('holds a row that is none');
      expect(looked.text).not.toContain('fault of the panel');
    }
    for (const name of ['torn', 'trap'])
      for (const [path, fields] of [
        [`backups/${name}/preview`, {}],
        ['verify', { name }],
        [
          'compare',
          [
            ['of', 'honest'],
            ['of', name],
          ],
        ],
      ] as const) {
        const { text } = await done(path, fields);
        expect([name, path, /did not work|did not restore/.test(text)]).toEqual([name, path, true]);
        expect(text).not.toContain('fault of the panel');
      }
    expect((await post('backups/trap/restore', { preview: 'x', confirm: 'trap' })).status).toBe(409);
    expect(existsSync(join(folder, 'trap'))).toBe(false);
    expect(rows('SELECT count(*) FROM users')).toEqual([[3]]);
  });
});

describe('backups without what looks like a credential', () => {
  test('the panel says what is left out wherever it matters, and a restore leaves it as it was', async () => {
    const { sql, rows, ui, configure } = place({});
    configure({ include: { users: 'active = 1' } });
    const { get, done } = await ui();
    const without = 'users.password_hash, rows of users unless active = 1';
    expect((await get('')).text).toContain(without);
    const saved = await done('backup', { name: 'one' });
    expect(saved.text).toContain('4,002 rows saved');
    expect(saved.text).toContain(without);
    expect((await get('backups/one')).text).toContain(without);
    const page = (await get('backups/one/rows?table=users')).text;
    expect(page).toContain('ada');
    for (const word of ['HASH-OF', 'cy']) expect(page).not.toContain(`>${word}`);
    expect((await done('verify', { name: 'one' })).text).toContain(without);

    sql("UPDATE users SET name = 'eve', password_hash = 'HASH-OF-EVE' WHERE id = 2; DELETE FROM users WHERE id = 1");
    expect((await done('compare', { of: 'one' })).text).not.toContain('HASH-OF');
    const looked = await done('backups/one/preview');
    expect(looked.text).not.toContain('HASH-OF');
    expect(looked.text).toContain(without);
    const restored = await done('backups/one/restore', { preview: looked.job, confirm: 'one' });
    expect(restored.text).toContain(without);
    expect(rows('SELECT * FROM users')).toEqual([
      [1, 'ada', null, 1],
      [2, 'bob', 'HASH-OF-EVE', 1],
      [3, 'cy', 'HASH-OF-CY', 0],
    ]);
    await done('undo', { id: /name="id" value="([^"]+)"/.exec(restored.text)?.[1] ?? '' });
    expect(rows('SELECT id, password_hash FROM users')).toEqual([
      [2, 'HASH-OF-EVE'],
      [3, 'HASH-OF-CY'],
    ]);

    for (const path of ['download', 'backups/one/download', 'export']) {
      const { status, text } = await get(path);
      expect([path, status, text.includes('HASH-OF')]).toEqual([path, 200, false]);
    }
    const { text: document } = await get('backups/one/download');
    const tried = await done('import', upload(document));
    expect(tried.text).toContain(without);
    expect(tried.text).not.toContain('HASH-OF');
    const imported = await done('import/confirm', { preview: tried.job, confirm: 'document.json' });
    expect(imported.text).toContain(without);
    expect(rows('SELECT * FROM users WHERE id <> 1')).toEqual([
      [2, 'bob', 'HASH-OF-EVE', 1],
      [3, 'cy', 'HASH-OF-CY', 0],
    ]);
  });

  test('what looks private, and what older backups still hold, is pointed out with the line that settles it', async () => {
    const { sql, ui, configure } = place({ keep: { users: ['password_hash'] } });
    sql("CREATE TABLE mail(id INTEGER PRIMARY KEY, sender TEXT); INSERT INTO mail(sender) VALUES ('ada@example.org')");
    expect((await (await ui()).done('backup', { name: 'one' })).text).toContain(
      'keep: { users: [&#39;password_hash&#39;], mail: [&#39;sender&#39;] }',
    );
    configure({});
    const second = await (await ui()).done('backup', { name: 'two' });
    expect(second.text).toContain('still hold users.password_hash');
  });

  test('a configuration that cannot be carried out is said with what to do', async () => {
    const { sql, ui } = place({});
    sql('CREATE TABLE logins(id INTEGER PRIMARY KEY, password TEXT NOT NULL)');
    const { get, done } = await ui();
    for (const text of [(await get('')).text, (await done('backup')).text]) {
      expect(text).toContain('logins.password is NOT NULL without a default');
      expect(text).toContain('redact: { logins: { password: &#39;&#39; } }');
    }
  });
});
