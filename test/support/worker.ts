import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { openDatabase } from '../../src/app/boot.ts';
import { OverwinterError } from '../../src/core/errors.ts';
import { withLock } from '../../src/local/lock.ts';
import { backup } from '../../src/operations/backup.ts';
import { prune } from '../../src/operations/prune.ts';
import { restore } from '../../src/operations/restore.ts';
import { restoreRows } from '../../src/operations/restore-rows.ts';
import { rotate } from '../../src/operations/rotate.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { encryptionFor, keyFrom } from './keys.ts';
import { projectAt } from './project.ts';
import { advance } from './sample.ts';
import { wantedIn } from './with-files.ts';

/** What tests run in processes of their own, to kill them or to have several at once. */
const [verb = '', folder = '', ...more] = process.argv.slice(2);
const project = projectAt(folder, { wait: 30_000 });
const print = (text: string) => void process.stdout.write(`${text}\n`);
const toldToGoOn = () => once(process.stdin, 'data');

const VERBS: Record<string, () => Promise<void>> = {
  /** Changes the database and backs it up, until killed. */
  async 'keep-backing-up'() {
    const db = new Database(project.db, { timeout: 5000 });
    print('ready');
    for (;;) {
      advance(db);
      await backup(project, { trigger: 'test' });
    }
  },

  /** Goes back and forth between two states, and backs up each, in a folder that others write to, too; says how often it did. */
  async 'share-and-save'() {
    const shared = { ...project, store: folderStore(more[0] ?? '', undefined, project.wait) };
    const db = new Database(project.db, { timeout: 5000 });
    print('ready');
    for (let round = 1; ; round++) {
      db.prepare('UPDATE items SET label = ? || substr(label, 2)').run(String(round % 2));
      await backup(shared, { trigger: 'test' });
      print(String(round));
    }
  },

  /** Keeps the last backup of a folder that others write to; says what it removed, and what it found damaged. */
  async 'share-and-prune'() {
    const shared = { ...project, store: folderStore(more[0] ?? '', undefined, project.wait) };
    print('ready');
    for (;;) {
      const { partsRemoved, unreadable } = await prune(shared, { last: 1, daily: 0, weekly: 0, monthly: 0 }, false);
      print(JSON.stringify({ partsRemoved, unreadable }));
    }
  },

  /** Restores one backup after the other over data, until killed. */
  async 'keep-restoring'() {
    print('ready');
    for (;;) for (const name of more) await restore(project, { name });
  },

  /** Makes the rows of some tables those of one backup and then of the other, until killed. */
  async 'keep-bringing-rows'() {
    const [first = '', second = '', ...tables] = more;
    const rows = { tables, exact: true, withParents: false };
    print('ready');
    for (;;) for (const name of [first, second]) await restoreRows(project, { name, rows });
  },

  /** The same with the files beside the rows. */
  async 'keep-restoring-files'() {
    const beside = { ...project, files: wantedIn(folder) };
    print('ready');
    for (;;) for (const name of more) await restore(beside, { name });
  },

  /** Encrypts all backups to one and then to the other of two keys, until killed. */
  async 'keep-rotating'() {
    const keys = more.map(keyFrom);
    print('ready');
    for (;;) for (const key of keys) await rotate({ ...project, encryption: encryptionFor({ to: [key], with: keys }) });
  },

  async 'back-up-once'() {
    print('ready');
    await toldToGoOn();
    print(await attempt(async () => (await backup(project, { trigger: 'test' })).status));
  },

  /** Boots through the library, as an app does, in each folder it is told, and counts what it sees. */
  async 'open-database'() {
    print('ready');
    for await (const at of createInterface({ input: process.stdin })) {
      const told: string[] = [];
      const logger = { info: (text: string) => told.push(text), warn: () => {}, error: () => {} };
      const answer = await attempt(async () => {
        const db = await openDatabase(join(at, 'app.db'), { dir: join(at, 'backups'), logger });
        const rows = db.prepare('SELECT count(*) FROM items').pluck().get();
        db.close();
        return `${told.length === 0 ? 'left' : 'restored'} ${rows}`;
      });
      print(answer);
    }
  },

  async 'hold-lock'() {
    await withLock(project.local, more[0] ?? project.db, 1000, async () => {
      print('held');
      await toldToGoOn();
    });
  },

  /** Opens the database as an app does, and keeps it: idle in WAL mode, or in the middle of a transaction. */
  async 'hold-database'() {
    const db = new Database(project.db);
    if (more[0] === 'transaction') db.exec('BEGIN IMMEDIATE; UPDATE progress SET step = step');
    else db.prepare('SELECT count(*) FROM items').get();
    print('held');
    await toldToGoOn();
    db.close();
  },

  /** Has the file open, as an app has that has not made its tables yet. */
  async 'hold-file'() {
    const file = openSync(project.db, 'r+');
    print('held');
    await toldToGoOn();
    closeSync(file);
  },

  /** Writes to the database and does not check the WAL in, until killed. */
  async 'leave-wal'() {
    const db = new Database(join(folder, 'app.db'));
    db.pragma('wal_autocheckpoint = 0');
    for (let i = 0; i < 3; i++) advance(db);
    print('written');
    await toldToGoOn();
  },
};

async function attempt(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    return error instanceof OverwinterError ? error.code : String(error);
  }
}

await VERBS[verb]?.();
process.exit(0);
