import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { withSnapshot } from '../../src/app/with-snapshot.ts';
import { listSnapshots } from '../../src/local/snapshots.ts';
import { startApp } from '../support/app.ts';
import { overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';
import { ACCOUNTS, BANK, EACH } from '../support/shop.ts';

const snapshotsIn = (folder: string) => listSnapshots(join(folder, '.overwinter'), join(folder, 'app.db'));

function makeUsers(folder: string): string {
  const file = join(folder, 'app.db');
  const db = new Database(file);
  db.exec("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users(name) VALUES ('ada'), ('bob')");
  db.close();
  return file;
}

test('what was there before is kept, and undo brings it back', async () => {
  const folder = scratch();
  const file = makeUsers(folder);
  const app = startApp(
    folder,
    `const answer = await withSnapshot('delete all', () => db.prepare('DELETE FROM users').run().changes, { db, dir });
    say('answer ' + answer); db.close();`,
  );
  await app.heard('answer 2');
  await app.ended;
  expect(snapshotsIn(folder).map(({ label }) => label)).toEqual(['delete all']);
  expect(overwinter(folder, ['undo', '--db', 'app.db', '--dir', 'backups']).code).toBe(0);
  const db = new Database(file);
  expect(db.prepare('SELECT name FROM users').pluck().all()).toEqual(['ada', 'bob']);
  db.close();
});

test('where no snapshot can be taken nothing runs, unless that is wanted', async () => {
  const db = join(scratch(), 'nowhere.db');
  let ran = 0;
  const work = () => ++ran;
  await expect(withSnapshot('try', work, { db, dir: join(db, '../backups') })).rejects.toMatchObject({
    code: 'DATABASE_MISSING',
  });
  await expect(withSnapshot('try', work, { db: new Database(':memory:') })).rejects.toMatchObject({ code: 'USAGE' });
  expect(ran).toBe(0);
  await expect(withSnapshot('try', async () => work(), { db, onFailure: 'continue' })).resolves.toBe(1);
});

test('from the library as it is shipped, the reason is the same', async () => {
  const folder = scratch();
  const app = startApp(
    folder,
    `await withSnapshot('x', () => say('ran'), { db: folder + '/nowhere.db', dir }).catch((e) => say('failed ' + e.code + ' ' + e.name));
    await withSnapshot('--json', () => say('ran'), { db, dir }); process.exit();`,
  );
  await app.heard('failed DATABASE_MISSING OverwinterError');
  await app.heard('ran');
  expect(snapshotsIn(folder).map(({ label }) => label)).toEqual(['--json']);
});

test('a method can ask for it', async () => {
  const folder = scratch();
  makeUsers(folder);
  const app = startApp(
    folder,
    `class Users { left = 1; remove(n) { return this.left + n; } }
    const remove = snapshotted('remove', { db, dir })(Users.prototype.remove, {});
    say('answer ' + await remove.call(new Users(), 41)); db.close();`,
  );
  await app.heard('answer 42');
  expect(snapshotsIn(folder).length).toBe(1);
});

test('while the app writes, a snapshot is one moment, and the event loop goes on', async () => {
  const folder = scratch();
  const app = startApp(
    folder,
    `${BANK} db.pragma('synchronous = normal');
    let isWriting = true;
    const step = () => { for (let i = 0; i < 20; i++) move.immediate(++n); if (isWriting) setImmediate(step); };
    step();
    for (let i = 0; i < 4; i++) { const before = n; await withSnapshot('moment ' + i, () => {}, { db, dir }); say('moved ' + (n - before)); }
    isWriting = false; db.close();`,
  );
  for (let i = 0; i < 4; i++) expect(Number((await app.heard('moved ')).slice(6))).toBeGreaterThan(0);
  await app.ended;
  for (const { file } of snapshotsIn(folder)) {
    const db = new Database(file, { readonly: true });
    expect(db.prepare('SELECT sum(money) FROM accounts').pluck().get()).toBe(ACCOUNTS * EACH);
    db.close();
  }
});
