import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { realPath } from '../../src/files/real-path.ts';
import { writeHold } from '../../src/local/hold.ts';
import { overwinter } from '../support/command-line.ts';
import { basic, HOST, READ, stage, textOf } from './support.ts';

const MANY_NOTES =
  'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 150) INSERT INTO notes SELECT i FROM c';
const ALICE = "INSERT INTO users(name) VALUES ('alice')";

describe('what the panel shows', () => {
  test('the status with its reasons, the database, and the backups', async () => {
    const { get, backup, query } = stage();
    expect(await textOf(get(''))).toContain('Nothing is saved yet: 4 rows are in no backup');
    backup('one');
    query((db) => db.exec(ALICE));
    backup('two');
    const page = await textOf(get(''));
    for (const words of [
      'All 5 rows are in two.',
      'A start leaves the database as it is, and would bring back two if it were gone.',
      'Saved up to',
      'app.db',
    ])
      expect(page).toContain(words);
    query((db) => db.exec("INSERT INTO users(name) VALUES ('dan'), ('eve')"));
    expect((await textOf(get(''))).replace(/<[^>]*>/g, '')).toMatch(/Saved up to [^;]*; 2 rows not saved yet/);
    expect(page).toMatch(/<svg class="chart".*role="img"/s);
  });

  test('a list of backups, a page at a time, and what was wrong with others', async () => {
    const { get, backup, query, folder } = stage();
    backup('first');
    const source = readFileSync(join(folder, 'backups/first.json'), 'utf8');
    const { writeManifest } = await import('../../src/core/write-manifest.ts');
    const { readManifest } = await import('../../src/format/read-manifest.ts');
    const { manifest } = readManifest('first.json', source);
    for (let n = 0; n < 60; n++) {
      const backup_date = new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();
      const { text } = writeManifest({ ...manifest, metadata: { ...manifest.metadata, backup_date } });
      writeFileSync(join(folder, `backups/n${n}.json`), text);
    }
    writeFileSync(join(folder, 'backups/broken.json'), '{');
    query((db) => db.exec(ALICE));
    const page = await textOf(get('timeline'));
    expect(page).toContain('Page 1 of 3');
    expect(page).toContain('broken');
    expect(page).toContain('same data');
    const second = await textOf(get('timeline?page=3'));
    expect(second).toContain('>n0<');
    expect(second).not.toContain('>first<');
  });

  test('a look into a backup: tables, rows a page at a time, search that goes on', async () => {
    const { get, backup, query } = stage();
    query((db) =>
      db.exec(`CREATE TABLE log(n INTEGER PRIMARY KEY, line TEXT);
        WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 30000)
        INSERT INTO log SELECT i, 'line ' || i || CASE WHEN i % 9973 = 0 THEN ' Needle "quoted"' ELSE '' END FROM c;
        INSERT INTO log VALUES (9223372036854775807, NULL)`),
    );
    backup('deep');
    expect(await textOf(get('backups/deep'))).toContain('30,001');
    const rows = (more: string) => textOf(get(`backups/deep/rows?table=log${more}`));
    const shown = (page: string) => [...page.matchAll(/<td[^>]*>(-?\d+)<\/td>/g)].map(([, n]) => Number(n));
    const first = await rows('');
    expect(first).toContain('Rows 1 to 50 of 30,001.');
    expect([shown(first)[0], shown(first).at(-1), shown(first).length]).toEqual([1, 50, 50]);
    const second = await rows('&after=49');
    expect([shown(second)[0], shown(second).at(-1)]).toEqual([51, 100]);
    expect(await rows('&after=29989')).toContain('>9223372036854775807<');
    for (let after = 1000; after < 30_000; after += 1777)
      expect(shown(await rows(`&after=${after}`))[0]).toBe(after + 2);
    const found = await rows(`&filter.line=${encodeURIComponent('needle "Q')}`);
    expect(found.match(/line \d+ Needle/g)).toEqual(['line 9973 Needle', 'line 19946 Needle', 'line 29919 Needle']);
    // Names of columns stand in every line; they are not what is searched.
    expect(await textOf(get('backups/deep/rows?table=users&filter.name=name'))).toContain('Nothing fits that.');
    expect(await rows('&filter.line=NULL')).toContain('Rows 1 to 1 of 1.');
  });

  test('a table sorted by any column, either way, page by page, and only what fits', async () => {
    const { get, backup, query } = stage();
    query((db) =>
      db.exec(`CREATE TABLE mixed(id INTEGER PRIMARY KEY, v);
        INSERT INTO mixed(v) VALUES (NULL), ('b'), (10), (9.5), ('a"\\,"v":1'), (9007199254740993), (x'00ff'), (9007199254740992), ('B');
        INSERT INTO mixed(v) SELECT 'x' || (value % 7) FROM (WITH RECURSIVE c(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM c WHERE value < 200) SELECT value FROM c)`),
    );
    backup('deep');
    const ids = async (more: string) => {
      const page = await textOf(get(`backups/deep/rows?table=mixed${more}`));
      const found = [...page.matchAll(/<\/th><td class="number">(\d+)<\/td>/g)].map(([, id]) => Number(id));
      const next = /after=(\d+)">Next/.exec(page)?.[1];
      return { found, next };
    };
    expect((await ids('&sort=v')).found.slice(0, 9)).toEqual([1, 4, 3, 8, 6, 9, 5, 2, 16]);
    const all: number[] = [];
    let after = '';
    for (;;) {
      const { found, next } = await ids(`&sort=v&way=down${after}`);
      all.push(...found);
      if (next === undefined) break;
      after = `&after=${next}`;
    }
    expect(all).toHaveLength(209);
    expect(new Set(all).size).toBe(209);
    expect(all.at(-1)).toBe(1);
    expect((await ids('&filter.v=%3E%3D9.5&filter.id=%3C8')).found).toEqual([3, 4, 6]);
    expect((await ids('&filter.v=%3D9007199254740993')).found).toEqual([6]);
    expect((await ids('&filter.v=x3&sort=id&way=down')).found[0]).toBe(208);
  });

  test('the life of a row, through backups and what is no backup any more', async () => {
    const { get, backup, query, folder } = stage();
    backup('one');
    query((db) => db.exec("UPDATE users SET name = 'bobby' WHERE id = 2"));
    backup('two');
    query((db) => db.exec('DELETE FROM users WHERE id = 2'));
    overwinter(folder, ['backup', 'three', '--db', 'app.db', '--allow-shrink']);
    const words = (await textOf(get('backups/two/row?table=users&number=1')))
      .replace(/<[^>]*>/g, ' ')
      .replace(/ +/g, ' ');
    expect(words).toMatch(/id 2 .*removed .*three .*changed .*name : bob &rarr; bobby .*two .*added .*one/s);
    expect((await get('backups/two/row?table=users&number=99')).status).toBe(404);
    expect((await get('backups/two/row?table=nothing&number=0')).status).toBe(404);
    const tables = await textOf(get('backups/three'));
    expect(tables).toContain('From 3 rows to 2 in 3 backups');
    expect((await get('browse?at=two')).headers.get('location')).toMatch(/backups\/two$/);
    expect(await textOf(get('browse'))).toContain('<h1>three</h1>');
  });
});

describe('what the panel does', () => {
  test('backs up, with a name or without, and says so where nothing changed', async () => {
    const { done, folder, query, get } = stage();
    expect((await done('backup', { name: 'mine' })).text).toContain('4 rows saved');
    expect(existsSync(join(folder, 'backups/mine.json'))).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, 'backups/mine.json'), 'utf8')).metadata.origin.trigger).toBe('panel');
    expect((await done('backup')).text).toContain('Nothing changed');
    query((db) => db.exec(ALICE));
    await done('backup');
    expect(readdirSync(join(folder, 'backups')).some((file) => /^backup_/.test(file))).toBe(true);
    expect(await textOf(get('timeline'))).toContain('mine');
  });

  test('does not save a database that lost its rows, until told that it is meant', async () => {
    const { done, query, backup } = stage();
    backup('full');
    query((db) => db.exec('DELETE FROM users; DELETE FROM notes'));
    const refused = await done('backup', { name: 'empty' });
    expect(refused.text).toContain('no backup was written');
    expect(refused.text).toContain('Save it all the same');
    expect((await done('backup', { name: 'empty', 'allow-shrink': 'yes' })).text).toContain('0 rows saved');
  });

  test('offers to save anyway only where that helps: not what was made for development', async () => {
    const { done, folder, backup } = stage();
    backup('good');
    const db = realPath(join(folder, 'app.db'));
    const madeFor = { environment: 'development', backup: 'good' };
    const hold = { db, reason: 'a restore failed', time: new Date().toISOString() };
    writeHold(join(folder, '.overwinter'), { ...hold, madeFor });
    const refused = await done('backup', { name: 'fakes' });
    expect(refused.text).toContain('was made for development from good');
    expect(refused.text).not.toContain('Save it all the same');
    writeHold(join(folder, '.overwinter'), hold);
    expect((await done('backup', { name: 'held' })).text).toContain('Save it all the same');
  });

  test('saves a loss that was looked at, and not another that came since', async () => {
    const { done, query, backup } = stage();
    query((db) =>
      db.exec(
        'CREATE TABLE orders(n); INSERT INTO orders VALUES (1), (2), (3), (4), (5), (6), (7); INSERT INTO users(name) SELECT n FROM orders',
      ),
    );
    backup('full');
    query((db) => db.exec('DELETE FROM orders'));
    const refused = await done('backup', { name: 'less' });
    expect(refused.text).toContain('orders has no rows');
    expect(refused.text).toContain('<input type="hidden" name="lost" value="orders">');
    query((db) => db.exec('DELETE FROM users'));
    const meant = { name: 'less', 'allow-shrink': 'yes', lost: 'orders' };
    expect((await done('backup', meant)).text).toMatch(/users has no rows/);
    query((db) => db.exec("INSERT INTO users(name) VALUES ('a'), ('b'), ('c'), ('d'), ('e'), ('f'), ('g'), ('h')"));
    expect((await done('backup', meant)).text).toContain('rows saved');
  });

  test('restores only what was looked at, with the name typed, and takes it back again', async () => {
    const { done, post, query, backup, get } = stage();
    backup('good');
    query((db) =>
      db.exec(`${ALICE}; DELETE FROM users WHERE name = 'bob'; UPDATE notes SET body = 'changed'; ${MANY_NOTES}`),
    );
    const names = () => query((db) => db.prepare('SELECT name FROM users ORDER BY 1').pluck().all());
    expect((await post('backups/good/restore', { confirm: 'good' })).status).toBe(409);
    const looked = await done('backups/good/preview');
    expect(looked.text).toContain('would be added');
    expect(looked.text).toContain('bob');
    expect(looked.text).toContain('<b>Would go: 150 notes, 1 users</b>');
    expect(looked.text.indexOf('<h2>notes')).toBeLessThan(looked.text.indexOf('<h2>users'));
    expect((await post('backups/good/restore', { preview: looked.job, confirm: 'bad' })).status).toBe(422);
    expect(names()).toEqual(['ada', 'alice', 'cy']);
    const restored = await done('backups/good/restore', { preview: looked.job, confirm: 'good' });
    expect(restored.text).toContain('4 rows of good are in place');
    expect(names()).toEqual(['ada', 'bob', 'cy']);
    const id = /name="id" value="([^"]+)"/.exec(restored.text)?.[1] ?? '';
    expect(await textOf(get(''))).toContain('before restoring good');
    expect((await done('undo', { id })).text).toContain('before restoring good');
    expect(names()).toEqual(['ada', 'alice', 'cy']);
  });

  test('where little would be lost nothing is typed, and no undo is promised where there is nothing to go back to', async () => {
    const { done, query, backup, folder, get } = stage();
    backup('good');
    query((db) => db.exec(ALICE));
    const looked = await done('backups/good/preview');
    expect(looked.text).not.toContain('to confirm');
    expect(looked.text).toContain('you can undo this afterwards');
    await done('backups/good/restore', { preview: looked.job });
    expect(query((db) => db.prepare('SELECT count(*) FROM users').pluck().get())).toBe(3);
    expect(await textOf(get('restore'))).toContain('A snapshot was taken');
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `app.db${end}`), { force: true });
    expect((await done('backups/good/preview')).text).not.toContain('undo');
  });

  test('brings back rows that were ticked, or of whole tables, also where the database may not be replaced', async () => {
    const { done, post, query, backup, get } = stage({ withDatabaseClosed: undefined });
    query((db) =>
      db.exec(`CREATE TABLE words(word TEXT, n INTEGER, about TEXT, PRIMARY KEY (word, n));
        INSERT INTO words VALUES ('it''s "it"', 1, 'a'), ('x'' OR 1=1 --', 2, 'b'), ('plain', 3, 'c')`),
    );
    backup('good');
    query((db) =>
      db.exec(
        `${ALICE}; DELETE FROM users WHERE name = 'bob'; UPDATE users SET name = 'eva' WHERE name = 'ada'; DELETE FROM words`,
      ),
    );
    const names = () => query((db) => db.prepare('SELECT name FROM users ORDER BY id').pluck().all());
    const words = () => query((db) => db.prepare('SELECT about FROM words ORDER BY 1').pluck().all());
    const bring = async (fields: [string, string][]) => {
      const looked = await done('backups/good/preview', fields);
      const { text } = await done('backups/good/restore', { preview: looked.job, confirm: 'good' });
      return [looked.text, text] as const;
    };
    const rows = await textOf(get('backups/good/rows?table=words'));
    expect(rows).toMatch(/type="checkbox" name="row" value="1" form="bring"/);
    const page = await textOf(get('backups/good/restore?table=words&row=0&row=1'));
    expect(page).toContain('2 rows of words, as ticked');
    const [looked, told] = await bring([
      ['scope', 'rows'],
      ['of', 'words'],
      ['row', '0'],
      ['row', '1'],
    ]);
    expect(looked).toContain('Nothing would go');
    expect(looked).not.toContain('about: c');
    expect(told).toContain('2 rows of good are in place');
    expect(told).not.toContain('>Undo<');
    expect(words()).toEqual(['a', 'b']);
    expect(names()).toEqual(['eva', 'cy', 'alice']);
    await bring([
      ['scope', 'tables'],
      ['table', 'users'],
    ]);
    expect(names()).toEqual(['ada', 'bob', 'cy', 'alice']);
    const [exact] = await bring([
      ['scope', 'tables'],
      ['table', 'users'],
      ['exact', 'yes'],
    ]);
    expect(exact).toContain('Would go: 1 users');
    expect(names()).toEqual(['ada', 'bob', 'cy']);
    expect((await post('backups/good/preview', { scope: 'tables' })).status).toBe(422);
    expect(
      (
        await post('backups/good/preview', [
          ['scope', 'rows'],
          ['of', 'words'],
        ])
      ).status,
    ).toBe(422);
    expect((await done('backups/good/preview', { scope: 'tables', table: 'nothing-like-it' })).text).toContain(
      'did not work',
    );
  });

  test('brings a database back that is gone', async () => {
    const { done, backup, folder } = stage();
    backup('good');
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `app.db${end}`), { force: true });
    const looked = await done('backups/good/preview');
    expect(looked.text).toContain('There is no database now. 4 rows in 2 tables would be brought back.');
    await done('backups/good/restore', { preview: looked.job, confirm: 'good' });
    expect(new Database(join(folder, 'app.db')).prepare('SELECT count(*) FROM users').pluck().get()).toBe(3);
  });

  test('brings it back in one click, and says what will be NULL; but not over data that came meanwhile', async () => {
    const { post, done, get, backup, folder, query } = stage();
    query((db) => db.exec("ALTER TABLE users ADD COLUMN password_hash TEXT; UPDATE users SET password_hash = 'x'"));
    backup('good');
    expect((await done('bring-back', { name: 'good' })).text).toContain('holds data by now');
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `app.db${end}`), { force: true });
    const page = await textOf(get(''));
    expect(page).toContain('The database is gone');
    expect(page).toContain('4 rows in 2 tables can be brought back, as good has them');
    expect(page).toContain('No backup has users.password_hash: these will be NULL in every row.');
    expect(page).not.toContain('Back up now');
    expect(
      (await post('bring-back', { name: 'good' }, { ...basic(READ), host: HOST, origin: `http://${HOST}` })).status,
    ).toBe(403);
    expect((await done('bring-back', { name: 'good' })).text).toContain('4 rows of good are in place');
    expect(query((db) => db.prepare('SELECT name, password_hash FROM users ORDER BY id LIMIT 1').raw().get())).toEqual([
      'ada',
      null,
    ]);
  });

  test('a database that cannot be read, or is held, leads to what would bring it back', async () => {
    const { get, backup, folder } = stage();
    backup('good');
    for (const end of ['-wal', '-shm']) rmSync(join(folder, `app.db${end}`), { force: true });
    writeFileSync(join(folder, 'app.db'), 'this is no database, and longer than a header would be'.repeat(50));
    const page = await textOf(get(''));
    expect(page).toContain('The database cannot be read');
    expect(page).toContain('backups/good/restore');
    expect(page).not.toContain('Back up now');
  });

  test('tells who watches when something changed, and only so many', async () => {
    const { get, backup, query } = stage();
    backup('one');
    const open = await Promise.all(Array.from({ length: 17 }, () => get('events')));
    expect(open.map(({ status }) => status).filter((status) => status === 503)).toHaveLength(1);
    const [first, ...others] = open;
    const reader = first?.body?.getReader();
    const next = async () => new TextDecoder().decode((await reader?.read())?.value);
    expect(await next()).toContain('retry');
    await new Promise((go) => setTimeout(go, 1500));
    query((db) => db.exec(ALICE));
    expect(await next()).toBe('data: changed\n\n');
    for (const each of [reader, ...others.map(({ body }) => body)]) await each?.cancel();
    const again = await get('events');
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });

  test('replaces nothing where it was not told how to close the database', async () => {
    const { done, backup, query } = stage({ withDatabaseClosed: undefined });
    backup('good');
    query((db) => db.exec(ALICE));
    const looked = await done('backups/good/preview');
    expect(looked.text).toContain('This panel cannot replace the database');
    const refused = await done('backups/good/restore', { preview: looked.job, confirm: 'good' });
    expect(refused.text).toContain('was not told how to close it');
    expect(query((db) => db.prepare('SELECT count(*) FROM users').pluck().get())).toBe(4);
  });

  test('closes and opens the app’s own connection around a restore', async () => {
    const steps: string[] = [];
    let connection: Database.Database | undefined;
    const { done, backup, query, folder } = stage({
      async withDatabaseClosed(work) {
        connection?.close();
        steps.push('closed');
        await work();
        connection = new Database(join(folder, 'app.db'));
        steps.push('opened');
      },
    });
    backup('good');
    query((db) => db.exec(ALICE));
    connection = new Database(join(folder, 'app.db'));
    connection.exec('SELECT 1');
    const looked = await done('backups/good/preview');
    await done('backups/good/restore', { preview: looked.job, confirm: 'good' });
    expect(steps).toEqual(['closed', 'opened']);
    expect(connection.prepare('SELECT count(*) FROM users').pluck().get()).toBe(3);
    connection.close();
  });

  test('verifies, compares, takes snapshots and goes back to one', async () => {
    const { done, backup, query, folder, get } = stage();
    backup('one');
    query((db) => db.exec(ALICE));
    backup('two');
    expect((await done('verify', { name: 'one' })).text).toContain('restores exactly, 4 rows');
    expect((await done('verify')).text).toContain('2 backups restored exactly.');
    expect(
      (
        await done('compare', [
          ['of', 'one'],
          ['of', 'two'],
        ])
      ).text,
    ).toContain('alice');
    expect((await done('compare', { of: 'two' })).text).toContain('There is no difference.');
    expect((await done('snapshots', { label: 'before <cleaning>' })).text).toContain('The snapshot is taken.');
    const page = await textOf(get('timeline?show=snapshots'));
    expect(page).toContain('before &lt;cleaning&gt;');
    query((db) => db.exec('DELETE FROM users'));
    const id = /snapshots\/(\d{17}-app\.db)/.exec(page)?.[1] ?? '';
    expect(await textOf(get(`snapshots/${id}`))).toContain('Undo puts this snapshot');
    await done('undo', { id });
    expect(query((db) => db.prepare('SELECT count(*) FROM users').pluck().get())).toBe(4);
    const manifest = join(folder, 'backups/one.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"bob"', '"eve"'));
    expect((await done('verify')).text).toContain('1 of 2 backups did not restore.');
  });

  test('cleans up what its preview showed', async () => {
    const { done, query, folder } = stage({ retention: { last: 2, daily: 0, weekly: 0, monthly: 0 } });
    for (let n = 0; n < 4; n++) {
      query((db) => db.prepare('INSERT INTO users(name) VALUES (?)').run(`user ${n}`));
      await done('backup');
    }
    const kept = () => readdirSync(join(folder, 'backups')).filter((file) => /^backup_/.test(file)).length;
    const looked = await done('clean-up/preview');
    expect(looked.text).toContain('Remove 2 backups');
    expect(kept()).toBe(4);
    expect((await done('clean-up', { preview: looked.job })).text).toContain('2 backups went');
    expect(kept()).toBe(2);
  });

  test('says what changed between backups, losses first, and what commit brought them', async () => {
    const { get, backup, query, folder } = stage();
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], { cwd: folder });
    git('init', '-q');
    backup('one');
    git('add', '-A');
    git('commit', '-qm', 'Let <people> in');
    query((db) => db.exec(`${ALICE}; DELETE FROM notes; UPDATE users SET name = 'zoe' WHERE name = 'bob'`));
    overwinter(folder, ['backup', 'two', '--db', 'app.db', '--allow-shrink']);
    const page = await textOf(get('timeline'));
    const words = page.replace(/<[^>]*>/g, '');
    expect(words).toContain('−1 notes, +1 users, ~1 users');
    expect(words).toMatch(/[0-9a-f]{7} Let &lt;people&gt; in/);
    expect(page.match(/class="loss"/g)).toHaveLength(1);
    expect(page).toContain('the first');
    expect((await textOf(get('timeline?show=losses'))).match(/data-at=/g)).toBeNull();
    expect((await textOf(get('timeline?search=one'))).match(/data-at=/g)).toHaveLength(1);
  });

  test('gives a backup a name, which is a file of that name, and refuses one that is taken', async () => {
    const { done, post, folder, query } = stage();
    await done('backup');
    query((db) => db.exec(ALICE));
    await done('backup', { name: 'other' });
    const [auto = ''] = readdirSync(join(folder, 'backups')).filter((file) => /^backup_/.test(file));
    const name = auto.replace('.json', '');
    const before = readFileSync(join(folder, 'backups', auto));
    expect(
      (await textOf(post(`backups/${name}/name`, { name: 'other' }))).includes('named &#39;other&#39; already'),
    ).toBe(true);
    expect((await post(`backups/${name}/name`, { name: 'backup_20260101_000000_12345678' })).status).toBe(404);
    expect(existsSync(join(folder, 'backups', auto))).toBe(true);
    expect((await post(`backups/${name}/name`, { name: 'kept' })).headers.get('location')).toMatch(/backups\/kept$/);
    expect(existsSync(join(folder, 'backups', auto))).toBe(false);
    expect(readFileSync(join(folder, 'backups/kept.json'))).toEqual(before);
    await post('backups/other/name', { name: 'newest' });
    const pointer = JSON.parse(readFileSync(join(folder, 'backups/latest_backup.json'), 'utf8'));
    expect(pointer.name).toBe('newest');
    expect(overwinter(folder, ['verify', '--all', '--db', 'app.db']).code).toBe(0);
  });

  test('deletes a backup that nothing depends on, and no other', async () => {
    const { post, get, folder, query, backup } = stage();
    query((db) =>
      db.exec(
        'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 50) INSERT INTO users(name) SELECT i FROM c',
      ),
    );
    backup('old');
    query((db) => db.exec(ALICE));
    backup('full');
    query((db) => db.exec('DELETE FROM users WHERE id > 5'));
    overwinter(folder, ['backup', 'less', '--db', 'app.db', '--allow-shrink']);
    for (const name of ['less', 'full']) {
      expect(await textOf(get(`backups/${name}/delete`))).toContain('It has to stay');
      expect((await post(`backups/${name}/delete`)).headers.get('location')).toMatch(/delete$/);
    }
    expect(await textOf(get('backups/old/delete'))).toContain('Delete this backup');
    expect((await post('backups/old/delete')).headers.get('location')).toMatch(/timeline$/);
    const left = readdirSync(join(folder, 'backups')).filter((file) => file.endsWith('.json'));
    expect(left.sort()).toEqual(['full.json', 'latest_backup.json', 'less.json']);
    expect(overwinter(folder, ['verify', '--all', '--db', 'app.db']).code).toBe(0);
  });

  test('downloads a backup or what is there now', async () => {
    const { get, backup, query, folder } = stage();
    backup('good');
    const saved = await get('backups/good/download');
    expect(saved.headers.get('content-disposition')).toBe('attachment; filename="good.json"');
    const text = await saved.text();
    expect(JSON.parse(text).data.users).toHaveLength(3);
    expect(Number(saved.headers.get('content-length'))).toBe(Buffer.byteLength(text));
    query((db) => db.exec(ALICE));
    expect(JSON.parse(await textOf(get('download'))).data.users).toHaveLength(4);
    expect(readdirSync(join(folder, '.overwinter/scratch')).filter((file) => file.startsWith('export'))).toEqual([]);
  });

  test('waits for other processes, and says so where it was in vain', async () => {
    const { done, folder } = stage({ wait: 200 });
    const { withLock } = await import('../../src/local/lock.ts');
    const page = await withLock(join(folder, '.overwinter'), join(folder, 'backups'), 1000, () => done('backup'));
    expect(page.text).toContain('Another process is working on the backups');
  });

  test('writes down who did what', async () => {
    const { done, post, get, folder } = stage();
    await done('backup', { name: 'mine' });
    await post('backup', {}, { ...basic(READ), host: HOST, origin: `http://${HOST}` });
    const file = join(folder, '.overwinter/audit.log');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    // The page that says that the backup is done may be there before the line is.
    const begunFirst = [...lines].sort((a, b) => Number(a.outcome === 'refused') - Number(b.outcome === 'refused'));
    expect(begunFirst).toMatchObject([
      { who: 'token', action: 'backup', about: 'mine', outcome: 'begun' },
      { who: 'token', action: 'backup', about: 'mine', outcome: 'done' },
      { who: 'read token', action: 'POST backup', outcome: 'refused' },
    ]);
    expect(await textOf(get('timeline?show=activity'))).toContain('mine');
  });
});
