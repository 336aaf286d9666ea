import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/app/boot.ts';
import { keep } from '../../src/keep/keep.ts';
import { copyNewest } from '../../src/operations/copy-newest.ts';
import { openProject } from '../../src/project/open-project.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { type Ran, overwinter as run, startBeside } from '../support/command-line.ts';
import { plainEnvironment } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/** Law 10: backups of one database never become another's. */

let folder: string;
const at = (path: string) => join(folder, path);

/** A database with one table of so many rows, each of which says whose it is. */
function make(path: string, rows: number): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  const db = new Database(at(path));
  db.exec(`CREATE TABLE IF NOT EXISTS notes(id INTEGER PRIMARY KEY, whose TEXT)`);
  for (let n = 0; n < rows; n++) db.prepare('INSERT INTO notes(whose) VALUES (?)').run(path);
  db.close();
}

function notesIn(path: string): unknown[] {
  const db = new Database(at(path), { readonly: true });
  const found = db.prepare('SELECT DISTINCT whose FROM notes').pluck().all();
  db.close();
  return found;
}

const remove = (path: string) => {
  for (const end of ['', '-wal', '-shm']) rmSync(at(path) + end, { force: true });
};
const overwinter = (args: readonly string[], env: Record<string, string> = {}) => run(folder, args, env);
const done = (args: readonly string[], env: Record<string, string> = {}): Ran => {
  const ran = overwinter(args, env);
  expect(ran.code, ran.stderr).toBe(0);
  return ran;
};
const backups = (dir = 'backups') => readdirSync(at(dir)).filter((file) => file.startsWith('backup_'));
const config = (value: object) => writeFileSync(at('overwinter.config.json'), JSON.stringify(value));

/** What stands in front of everybody: the other's backups are untouched, and the database is. */
const REFUSED = { code: 4 };

beforeEach(() => {
  folder = scratch();
  writeFileSync(at('package.json'), '{}');
  make('a.db', 3);
  make('b.db', 4);
  done(['backup', '--db', 'a.db']);
});

describe('two databases and one folder of backups', () => {
  test.each([
    ['backup', ['backup']],
    ['a backup that may shrink', ['backup', '--allow-shrink']],
    ['restore', ['restore']],
    ['prune', ['prune', '--last', '0']],
  ])('%s refuses, and names the line to add', (_name, args) => {
    const before = readdirSync(at('backups'), { recursive: true });
    const ran = overwinter([...args, '--db', 'b.db']);
    expect(ran).toMatchObject(REFUSED);
    expect(ran.stderr).toContain('a.db, not b.db');
    expect(ran.stderr).toContain('"databases": [{ "db": "a.db" }, { "db": "b.db" }]');
    expect(readdirSync(at('backups'), { recursive: true })).toEqual(before);
    expect(notesIn('b.db')).toEqual(['b.db']);
  });

  test('a boot of the other restores nothing and does not start', async () => {
    remove('b.db');
    expect(overwinter(['auto-restore', '--db', 'b.db'])).toMatchObject(REFUSED);
    expect((await startBeside(folder, ['run', '--db', 'b.db', '--', 'true'], plainEnvironment)).code).toBe(4);
    await expect(openDatabase(at('b.db'), { dir: at('backups') })).rejects.toMatchObject({ code: 'ANOTHER_DATABASE' });
    expect(existsSync(at('b.db'))).toBe(false);
  });

  test('the same name in two folders of a project is two databases', () => {
    make('tenants/a.db', 5);
    const ran = overwinter(['backup', '--db', 'tenants/a.db']);
    expect(ran).toMatchObject(REFUSED);
    expect(ran.stderr).toContain('"databases": [{ "db": "a.db" }, { "name": "tenants-a", "db": "tenants/a.db" }]');
    remove('tenants/a.db');
    expect(overwinter(['auto-restore', '--db', 'tenants/a.db'])).toMatchObject(REFUSED);
  });

  test('a backup that is named is restored where that is confirmed', () => {
    const [name = ''] = backups();
    const wanted = name.replace('.json', '');
    expect(overwinter(['restore', wanted, '--db', 'b.db'])).toMatchObject(REFUSED);
    expect(notesIn('b.db')).toEqual(['b.db']);
    done(['restore', wanted, '--db', 'b.db', '--yes']);
    expect(notesIn('b.db')).toEqual(['a.db']);
    // It is b's still, and 'latest' is nobody's choice of a.
    expect(overwinter(['restore', 'latest', '--db', 'b.db', '--yes'])).toMatchObject(REFUSED);
  });

  test('another, new file is whatever somebody wants of it', () => {
    done(['restore', '--db', 'a.db', '--to', 'inspect.db']);
    expect(notesIn('inspect.db')).toEqual(['a.db']);
  });

  test('status is red, says why, and that a start would be refused', () => {
    const said = () => overwinter(['status', '--db', 'b.db', '--json']).stdout;
    expect(JSON.parse(said()).light).toBe('red');
    expect(said()).toContain('another database');
    remove('b.db');
    expect(JSON.parse(said()).boot).toContain('refuse to start');
  });

  test('an app that is kept saves nothing there, and hears of it', async () => {
    const keeper = await keep(at('b.db'), { dir: at('backups'), logger: { info() {}, warn() {}, error() {} } });
    const event = await keeper.backup();
    await keeper.stop();
    expect(event).toMatchObject({ type: 'refused', problem: { code: 'ANOTHER_DATABASE' } });
    expect(backups()).toHaveLength(1);
  });

  test('a copy of backups is made to no place that has those of another', async () => {
    const world = { cwd: folder, env: {}, now: () => new Date() };
    const { project } = await openProject(world, { db: 'b.db', dir: 'other' });
    done(['backup', '--db', 'b.db', '--dir', 'other']);
    await expect(copyNewest(project, folderStore(at('backups')))).rejects.toMatchObject({ code: 'ANOTHER_DATABASE' });
  });

  test('what the configuration does not list is not even the first to be saved', () => {
    rmSync(at('backups'), { recursive: true });
    config({ db: 'a.db' });
    expect(overwinter(['backup', '--db', 'b.db'])).toMatchObject(REFUSED);
    expect(existsSync(at('backups'))).toBe(false);
    done(['backup', '--db', 'b.db', '--dir', 'other']);
    done(['backup']);
  });

  test('a second file of the project that only the environment names is not taken for the first', () => {
    config({ db: 'a.db' });
    expect(overwinter(['backup'], { OVERWINTER_DB: 'b.db' })).toMatchObject(REFUSED);
  });
});

describe('the same database elsewhere', () => {
  const lost = () => remove('a.db');

  test('on a volume: by its name', () => {
    const volume = scratch();
    lost();
    done(['auto-restore'], { OVERWINTER_DB: join(volume, 'a.db') });
    expect(existsSync(join(volume, 'a.db'))).toBe(true);
    done(['backup', '--db', join(volume, 'a.db')]);
    done(['status']);
  });

  test('on a volume under another name: because the configuration says which one it is', () => {
    const volume = join(scratch(), 'production.sqlite');
    lost();
    config({ db: 'a.db' });
    done(['auto-restore'], { OVERWINTER_DB: volume });
    expect(existsSync(volume)).toBe(true);
    const db = new Database(volume);
    db.exec("INSERT INTO notes(whose) VALUES ('production')");
    db.close();
    done(['backup'], { OVERWINTER_DB: volume });
    // And back: a laptop takes what production saved.
    done(['auto-restore']);
    expect(notesIn('a.db')).toEqual(['a.db', 'production']);
  });

  test('renamed or moved: refused until the configuration says that it is the same', () => {
    mkdirSync(at('data'));
    renameSync(at('a.db'), at('data/main.db'));
    config({ db: 'data/main.db' });
    const ran = overwinter(['backup']);
    expect(ran).toMatchObject(REFUSED);
    expect(ran.stderr).toContain('"databases": [{ "name": "a", "db": "data/main.db" }]');
    config({ databases: [{ name: 'a', db: 'data/main.db' }] });
    done(['backup']);
    done(['restore']);
  });

  test('a name that the configuration gives later changes nothing', () => {
    config({ databases: [{ name: 'shop', db: 'a.db' }] });
    make('a.db', 1);
    done(['backup']);
    expect(backups()).toHaveLength(2);
    // An image without the configuration still has the file where it was.
    rmSync(at('overwinter.config.json'));
    remove('a.db');
    done(['auto-restore', '--db', 'a.db']);
  });
});

vi.setConfig({ testTimeout: 30_000 });
