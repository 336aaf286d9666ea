import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { MAIN, overwinter as run } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

let folder: string;
const overwinter = (...args: string[]) => run(folder, args);
const json = (...args: string[]) => {
  const ran = overwinter(...args, '--json');
  return { ...ran, document: JSON.parse(ran.stdout) };
};

function sql(text: string): void {
  const db = new Database(join(folder, 'data/app.db'));
  db.exec(text);
  db.close();
}

const emails = () => {
  const db = new Database(join(folder, 'data/app.db'), { readonly: true });
  const found = db.prepare('SELECT email FROM users ORDER BY id').pluck().all();
  db.close();
  return found;
};

beforeEach(() => {
  folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  sql(
    "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users(email) VALUES ('ada'), ('bob'), ('cy')",
  );
});

describe('backup', () => {
  test('saves what there is, and then nothing while nothing changes', () => {
    const first = json('backup');
    expect(first.document).toMatchObject({ status: 'created', tables: 1, rows: 3 });
    expect(first.stderr).toBe('');
    expect(json('backup').document).toMatchObject({ status: 'unchanged', name: first.document.name, bytesWritten: 0 });
    sql("UPDATE users SET email = 'eve' WHERE id = 2");
    expect(json('backup').document).toMatchObject({ status: 'created', rows: 3 });
  });

  test('an unchanged backup that is answered from memory says what a full look says', () => {
    overwinter('backup');
    const remembered = overwinter('backup');
    rmSync(join(folder, '.overwinter/unchanged.json'));
    const looked = overwinter('backup');
    expect(remembered).toEqual(looked);
    expect(remembered.stderr).toContain('Nothing changed');
  });

  test('what memory says is not believed once the backup is gone, the database written or the configuration changed', () => {
    const name: string = json('backup').document.name;
    rmSync(join(folder, `backups/${name}.json`));
    expect(json('backup').document.status).toBe('created');
    json('backup');
    sql("INSERT INTO users(email) VALUES ('dan')");
    expect(json('backup').document).toMatchObject({ status: 'created', rows: 4 });
    writeFileSync(join(folder, 'overwinter.config.json'), '{"dbb": "data/app.db"}');
    expect(overwinter('backup').code).toBe(2);
  });

  test('takes a name, once', () => {
    expect(overwinter('backup', 'before-migration').stdout).toBe('before-migration\n');
    expect(existsSync(join(folder, 'backups/before-migration.json'))).toBe(true);
    const again = json('backup', 'before-migration.json');
    expect(again.code).toBe(4);
    expect(again.document.error.code).toBe('NAME_TAKEN');
  });

  test('refuses to save a database that lost its rows, and says how it may', () => {
    overwinter('backup');
    sql('DELETE FROM users');
    const refused = overwinter('backup');
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('--allow-shrink');
    expect(json('backup', '--allow-shrink').document).toMatchObject({ status: 'created', rows: 0 });
  });

  test('--dry-run writes nothing', () => {
    expect(overwinter('backup', '--dry-run').stderr).toMatch(/^Would save 3 rows in 1 table/);
    expect(existsSync(join(folder, 'backups'))).toBe(false);
  });
});

describe('restore', () => {
  test('brings rows back, and undo takes that back', () => {
    overwinter('backup', 'good');
    sql('DELETE FROM users WHERE id > 1');
    expect(json('restore', 'good').document).toMatchObject({ name: 'good', rows: 3 });
    expect(emails()).toEqual(['ada', 'bob', 'cy']);
    overwinter('undo');
    expect(emails()).toEqual(['ada']);
    overwinter('undo');
    expect(emails()).toEqual(['ada', 'bob', 'cy']);
    expect(json('snapshots').document.snapshots).toHaveLength(3);
  });

  test('--to restores beside and refuses what exists', () => {
    overwinter('backup');
    expect(overwinter('restore', '--to', 'beside.db').code).toBe(0);
    expect(statSync(join(folder, 'beside.db')).mode & 0o777).toBe(0o600);
    expect(json('restore', '--to', 'beside.db').document.error.code).toBe('DATABASE_EXISTS');
  });

  test('auto-restore acts only on an empty database', () => {
    overwinter('backup');
    expect(json('auto-restore').document).toEqual({ restored: false, reason: 'the database has data' });
    rmSync(join(folder, 'data/app.db'));
    expect(json('auto-restore').document).toMatchObject({
      restored: true,
      reason: 'the database is missing',
    });
    expect(emails()).toEqual(['ada', 'bob', 'cy']);
    sql('DELETE FROM users');
    expect(json('auto-restore').document).toMatchObject({ restored: true, reason: 'the tables have no rows' });
  });

  test('says 10 where there is no backup', () => {
    expect(overwinter('restore').code).toBe(10);
    expect(overwinter('list').code).toBe(10);
    expect(json('list').document).toEqual({ backups: [], conflicts: [], unreadable: [] });
    expect(json('auto-restore').code).toBe(0);
  });
});

test('status goes through the chain, and is as green as its worst step', () => {
  const step = (name: string) =>
    json('status').document.chain.steps.find((each: { name: string }) => each.name === name);
  expect(json('status').document).toMatchObject({ light: 'red', backups: 0 });
  overwinter('backup');
  expect(json('status').document).toMatchObject({ light: 'red', backups: 1, boot: 'leave the database as it is' });
  expect(step('saved')).toMatchObject({ light: 'green' });
  expect(overwinter('status').stdout).toMatch(
    /^● red: the data is not safe\n\n {2}✓ saved {7}All 3 rows are in backup_/,
  );
  expect(overwinter('status').stdout).toContain('  ✗ committed   The backups are in no git repository');
  expect(overwinter('status').stdout).toContain("  First: 'git init && overwinter init' makes one");
  rmSync(join(folder, 'data/app.db'));
  expect(step('saved')).toMatchObject({ light: 'yellow', text: 'The database is missing.' });
  writeFileSync(join(folder, 'data/app.db'), 'this is no database, but it is long enough to look like one'.repeat(20));
  expect(json('status').document).toMatchObject({ light: 'red', boot: expect.stringMatching(/^refuse to start: /) });
});

test('verify restores in a drill and says 3 when that fails', () => {
  sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
       INSERT INTO users(email) SELECT 'user' || i || '@example.org' FROM n`);
  const name: string = json('backup').document.name;
  expect(json('verify', '--all').document).toMatchObject({ ok: true, backups: [{ name, ok: true, rows: 503 }] });
  const manifest = JSON.parse(readFileSync(join(folder, `backups/${name}.json`), 'utf8'));
  rmSync(join(folder, 'backups', manifest.data.users.parts[0].file));
  const failed = overwinter('verify');
  expect(failed.code).toBe(3);
  expect(failed.stdout).toContain('is missing');
  expect(json('status').document.light).toBe('red');
});

test('diff shows rows added, changed and removed, against the live database and between backups', () => {
  overwinter('backup', 'one');
  sql(
    "DELETE FROM users WHERE id = 1; UPDATE users SET email = 'eve' WHERE id = 2; INSERT INTO users(email) VALUES ('dan')",
  );
  const expected = {
    tables: [{ table: 'users', added: 1, changed: 1, removed: 1 }],
    schema: { added: [], changed: [], removed: [] },
  };
  expect(json('diff').document).toMatchObject({ from: 'one', to: 'the database', ...expected });
  overwinter('backup', 'two');
  expect(json('diff', 'one', 'two').document).toMatchObject(expected);
  expect(json('diff', 'two').document.tables).toEqual([]);
  const text = overwinter('diff', 'one', 'two').stdout;
  expect(text).toContain('  - {"id":2,"email":"bob"}\n  + {"id":2,"email":"eve"}');
});

test('diff tells rows apart whose key is empty, as SQLite allows', () => {
  const insert = "INSERT INTO odd VALUES (NULL, 'one'), (NULL, 'two'), ('a', 'three')";
  sql(`CREATE TABLE odd(key TEXT PRIMARY KEY, v); ${insert}`);
  overwinter('backup');
  sql(
    "UPDATE odd SET v = 'TWO' WHERE v = 'two'; DELETE FROM odd WHERE v = 'one'; INSERT INTO odd VALUES (NULL, 'four')",
  );
  expect(json('diff').document.tables).toMatchObject([{ table: 'odd', added: 1, changed: 1, removed: 1 }]);
});

test('verify names the newest backup when it cannot be read, and fails', () => {
  overwinter('backup');
  sql("UPDATE users SET email = 'eve' WHERE id = 2");
  const { name } = json('backup').document;
  writeFileSync(join(folder, `backups/${name}.json`), '{"metadata": {"format"');
  const failed = overwinter('verify');
  expect(failed.code).toBe(3);
  expect(failed.stdout).toContain(`✘ ${name}`);
  const { document, code } = json('verify');
  expect(code).toBe(3);
  expect(
    document.backups.filter((each: { ok: boolean }) => !each.ok).map((each: { name: string }) => each.name),
  ).toEqual([name]);
});

test('prune keeps what retention and the user name', () => {
  overwinter('backup', 'named');
  for (const email of ['a', 'b', 'c']) {
    sql(`UPDATE users SET email = '${email}' WHERE id = 1`);
    overwinter('backup');
  }
  const flags = ['--last', '1', '--daily', '0', '--weekly', '0', '--monthly', '0'];
  expect(json('prune', '--dry-run', ...flags).document.removed).toHaveLength(2);
  expect(json('list').document.backups).toHaveLength(4);
  json('prune', ...flags);
  expect(json('list').document.backups.map((each: { name: string }) => each.name)).toContain('named');
  expect(json('list').document.backups).toHaveLength(2);
  expect(json('verify', '--all').document.ok).toBe(true);
});

describe('export and import', () => {
  test('one document carries everything', () => {
    sql("CREATE INDEX by_email ON users(email); INSERT INTO users VALUES (9007199254740993, x'00ff')");
    writeFileSync(join(folder, 'all.json'), overwinter('export').stdout);
    expect(overwinter('import', 'all.json', '--db', 'copy.db').code).toBe(0);
    const copy = new Database(join(folder, 'copy.db'), { readonly: true });
    expect(
      copy
        .prepare('SELECT id FROM users WHERE email = ?')
        .safeIntegers()
        .pluck()
        .get(Buffer.from([0, 255])),
    ).toBe(9007199254740993n);
    copy.close();
  });

  test('an older tool document becomes tables', () => {
    const document = {
      backup_time: '2025-10-13T19:35:10.536077',
      events: [
        { id: 36, user: 'Olle', duration: 1, repeat: null, done: true },
        { id: 37, user: 'Åsa', duration: 1.5, repeat: 'sön', done: false },
      ],
    };
    writeFileSync(join(folder, 'old.json'), JSON.stringify(document));
    expect(overwinter('import', 'old.json', '--db', 'calendar.db').code).toBe(0);
    const db = new Database(join(folder, 'calendar.db'), { readonly: true });
    expect(db.prepare('SELECT * FROM events WHERE id = 37').get()).toEqual({
      id: 37,
      user: 'Åsa',
      duration: 1.5,
      repeat: 'sön',
      done: 0,
    });
    db.close();
  });

  test('rows of an older tool that have different keys get every column', () => {
    const rows = [
      { id: 1, a: 'x' },
      { id: 2, b: 2.5 },
      { c: true, a: null },
    ];
    writeFileSync(join(folder, 'old.json'), JSON.stringify({ backup_time: '2025-10-13', things: rows }));
    expect(overwinter('import', 'old.json', '--db', 'things.db').code).toBe(0);
    const db = new Database(join(folder, 'things.db'), { readonly: true });
    expect(db.prepare('SELECT * FROM things').all()).toEqual([
      { id: 1, a: 'x', b: null, c: null },
      { id: 2, a: null, b: 2.5, c: null },
      { id: null, a: null, b: null, c: 1 },
    ]);
    db.close();
  });

  test('an export whose reader has read enough ends in silence', () => {
    sql(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO users(email) SELECT 'user ' || i FROM n",
    );
    const script = `"$1" "$2" export --db data/app.db | head -c 20 >/dev/null; echo "\${PIPESTATUS[0]}"`;
    const ran = spawnSync('bash', ['-c', script, '-', process.execPath, MAIN], { cwd: folder, encoding: 'utf8' });
    expect([ran.stdout, ran.stderr]).toEqual(['0\n', '']);
  });

  test('rows of an older tool go into the tables there are', () => {
    sql("DELETE FROM users; ALTER TABLE users ADD COLUMN plan TEXT DEFAULT 'free'");
    const document = {
      metadata: { backup_date: '2024-01-01T12:00:00', version: '1.0', database_type: 'sqlite' },
      data: { users: [{ id: 1, email: 'ada' }] },
    };
    writeFileSync(join(folder, 'old.json'), JSON.stringify(document));
    expect(overwinter('import', 'old.json').code).toBe(0);
    const db = new Database(join(folder, 'data/app.db'), { readonly: true });
    expect(db.prepare('SELECT * FROM users').all()).toEqual([{ id: 1, email: 'ada', plan: 'free' }]);
    db.close();
  });

  test('what is no document is refused', () => {
    writeFileSync(join(folder, 'no.json'), '{"a":');
    expect(json('import', 'no.json').document.error.code).toBe('IMPORT_UNREADABLE');
  });
});

describe('what goes wrong is said', () => {
  test('usage is exit 2', () => {
    expect(overwinter('frobnicate').code).toBe(2);
    expect(overwinter('backup', '--frob').code).toBe(2);
    expect(overwinter('backup', '../escape').code).toBe(2);
    expect(overwinter('--help').code).toBe(0);
    expect(overwinter('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('a locked database is exit 11 after the wait', () => {
    const holder = new Database(join(folder, 'data/app.db'));
    holder.exec('BEGIN EXCLUSIVE');
    const ran = run(folder, ['backup', '--json'], { OVERWINTER_WAIT: '100' });
    holder.close();
    expect(ran.code).toBe(11);
    expect(JSON.parse(ran.stdout).error.code).toBe('DATABASE_LOCKED');
  });

  test.each([
    ['missing', 'data/app.db', 'DATABASE_MISSING'],
    ['a folder', 'data', 'DATABASE_NOT_A_FILE'],
    ['another kind of file', 'package.json', 'DATABASE_NOT_SQLITE'],
  ])('a database that is %s has its own error', (_what, db, code) => {
    if (db === 'package.json') writeFileSync(join(folder, db), `{"name":"${'x'.repeat(2000)}"}`);
    if (code === 'DATABASE_MISSING') {
      overwinter('backup');
      rmSync(join(folder, db));
    }
    const ran = json('backup', '--db', db);
    expect(ran.code).toBe(1);
    expect(ran.document.error).toMatchObject({ code });
    expect(ran.document.error.hint).not.toBe('');
    expect(ran.document.error.commands).not.toEqual([]);
    for (const command of ran.document.error.commands) expect(ran.document.error.hint).toContain(`'${command}'`);
  });

  test('a damaged database is told from one that is none', () => {
    sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
         INSERT INTO users(email) SELECT 'user' || i || '@example.org' FROM n`);
    const file = join(folder, 'data/app.db');
    const bytes = readFileSync(file);
    bytes.fill(0xff, 8192, 16384);
    writeFileSync(file, bytes);
    expect(json('backup').document.error.code).toBe('DATABASE_CORRUPT');
  });

  test('no stack trace unless asked for', () => {
    expect(overwinter('restore', 'nope').stderr).not.toContain('    at ');
    expect(overwinter('restore', 'nope', '--debug').stderr).toContain('    at ');
  });

  test('two databases and none ask for a name', () => {
    writeFileSync(join(folder, 'data/other.db'), '');
    expect(overwinter('status').stderr).toContain('data/app.db, data/other.db');
    rmSync(join(folder, 'data'), { recursive: true });
    expect(overwinter('status').code).toBe(2);
  });
});

describe('configuration', () => {
  test('a TypeScript file is read, with paths meant from where it stands', () => {
    writeFileSync(
      join(folder, 'overwinter.config.ts'),
      "const config: { db: string; dir: string } = { db: 'data/app.db', dir: 'saved' };\nexport default config;\n",
    );
    mkdirSync(join(folder, 'deep'));
    expect(run(join(folder, 'deep'), ['backup']).code).toBe(0);
    expect(existsSync(join(folder, 'saved/latest_backup.json'))).toBe(true);
  });

  test('a misspelt key is an error that suggests the right one', () => {
    writeFileSync(join(folder, 'package.json'), '{"overwinter": {"maxShrnk": 0.2}}');
    const ran = overwinter('status');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain("did you mean 'maxShrink'?");
  });

  test('flag over environment over file', () => {
    writeFileSync(join(folder, 'overwinter.config.json'), '{"db": "nowhere.db", "environment": "file"}');
    const ran = run(folder, ['backup', '--json'], {
      OVERWINTER_DB: 'data/app.db',
      OVERWINTER_ENVIRONMENT: 'production',
    });
    expect(ran.code).toBe(0);
    expect(json('list').document.backups[0].origin.environment).toBe('production');
    expect(run(folder, ['status'], { OVERWINTER_DB: 'data/app.db' }).stdout).toContain('data/app.db');
    expect(run(folder, ['snapshot', '--db', 'package.json'], { OVERWINTER_DB: 'data/app.db' }).code).toBe(1);
  });
});

describe('in a git repository', () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });

  test('restore --at takes a backup from any commit, and origin names the commit of the code', () => {
    git('init', '-q', '-b', 'main');
    json('backup', 'first');
    git('add', 'backups');
    git('commit', '-qm', 'one');
    rmSync(join(folder, 'backups/first.json'));
    sql("DELETE FROM users WHERE id = 3; UPDATE users SET email = 'eve' WHERE id = 1");
    json('backup', '--allow-shrink');
    const head = git('rev-parse', 'HEAD').trim();
    expect(json('list').document.backups[0].origin.commit).toBe(head);
    git('add', 'backups');
    git('commit', '-qm', 'two');
    expect(json('restore', 'latest', '--at', 'HEAD~1').document).toMatchObject({ name: 'first', rows: 3 });
    expect(emails()).toEqual(['ada', 'bob', 'cy']);
    expect(json('restore', '--at', 'nowhere').document.error.code).toBe('REVISION_NOT_FOUND');
  });

  test('verify heals a part that was damaged since it was committed', () => {
    git('init', '-q', '-b', 'main');
    sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
         INSERT INTO users(email) SELECT 'user' || i || '@example.org' FROM n`);
    const name: string = json('backup').document.name;
    git('add', 'backups');
    git('commit', '-qm', 'one');
    const part = JSON.parse(readFileSync(join(folder, `backups/${name}.json`), 'utf8')).data.users.parts[0].file;
    const bytes = readFileSync(join(folder, 'backups', part));
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    writeFileSync(join(folder, 'backups', part), bytes);
    expect(json('verify').document).toMatchObject({ ok: true, healed: [part] });
  });
});
