import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { verify } from '../../src/operations/verify.ts';
import { type AnyDatabase, anyDatabase, make, quoted } from '../support/any-database.ts';
import { tries } from '../support/chance.ts';
import { overwinter } from '../support/command-line.ts';
import { withDatabase } from '../support/project.ts';
import { makeProject } from '../support/project-shapes.ts';
import { plainEnvironment } from '../support/repository.ts';
import { differencesBetween } from '../support/same-database.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { everythingIn } from '../support/secrets.ts';

/** Names of every style; each table gets some of them as columns of its own. */
const NAMES = ['password_hash', 'apiKey', 'RESET-TOKEN', 'client secret', 'passwort', 'otp', 'sessionToken', 'salt2'];

interface Secret {
  readonly name: string;
  readonly must: boolean;
  readonly indexed: boolean;
  /** A value that holds the mark, in SQL. */
  readonly value: string;
}

const MARK = 'SECRETxyzzy';

const anySecret: fc.Arbitrary<Secret> = fc.record({
  name: fc.constantFrom(...NAMES),
  must: fc.boolean(),
  indexed: fc.boolean(),
  value: fc.constantFrom(
    `'${MARK}'`,
    `x'${Buffer.from(MARK).toString('hex')}00ff'`,
    `CAST(x'ff${Buffer.from(MARK).toString('hex')}' AS TEXT)`,
    `printf('%.*c${MARK}', 5000, 'z')`,
    `'{"$blob":"${MARK}"}'`,
  ),
});

const anySecrets = fc.uniqueArray(anySecret, { minLength: 1, maxLength: 3, selector: ({ name }) => name });

/** All the shapes in which the mark could stand in a file: as it is, in UTF-16, and in base64 wherever in it that begins. */
const SHAPES = [
  MARK,
  Buffer.from(MARK, 'utf16le').toString('latin1'),
  ...['', 'x', 'xx'].flatMap((before) => {
    const base64 = Buffer.from(before + MARK).toString('base64');
    return [base64.slice(4, -4)];
  }),
];

const leaks = (text: string) => SHAPES.filter((shape) => text.includes(shape));

function plant(db: Database.Database, made: AnyDatabase, secrets: readonly Secret[]): void {
  make(db, made);
  for (const [at, { name, strict }] of made.tables.entries()) {
    for (const secret of secrets) {
      const [table, column] = [quoted(name), quoted(secret.name)];
      const type = strict ? 'ANY' : secret.must ? '' : 'TEXT';
      db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}${secret.must ? " NOT NULL DEFAULT 'none'" : ''}`);
      db.exec(`UPDATE OR IGNORE ${table} SET ${column} = ${secret.value}`);
      if (secret.indexed) db.exec(`CREATE INDEX ${quoted(`${secret.name} ${at}`)} ON ${table}(${column})`);
    }
  }
  if (made.analyzed) db.exec('ANALYZE');
}

/** The same database as it should come back: made by SQLite alone. */
function expected(file: string, made: AnyDatabase, secrets: readonly Secret[]): void {
  const db = new Database(file);
  db.pragma('foreign_keys = off');
  db.pragma('ignore_check_constraints = on');
  for (const { name } of made.tables) {
    for (const secret of secrets) {
      db.exec(`UPDATE ${quoted(name)} SET ${quoted(secret.name)} = ${secret.must ? "'none'" : 'NULL'}`);
    }
    if (made.analyzed) db.prepare('DELETE FROM sqlite_stat4 WHERE tbl = ?').run(name);
  }
  db.close();
}

async function keepsSecrets(made: AnyDatabase, secrets: readonly Secret[]): Promise<void> {
  const folder = scratch();
  try {
    // Chance calls a column `Pin` now and then: of these, somebody said that they may stay.
    const keep = Object.fromEntries(made.tables.map(({ name, columns }) => [name, columns.map((each) => each.name)]));
    const project = { ...projectIn(folder), privacy: { keep } };
    const db = new Database(project.db);
    db.pragma('synchronous = off');
    db.pragma('foreign_keys = off');
    plant(db, made, secrets);
    db.pragma('wal_checkpoint(truncate)');
    db.close();
    const saved = await backup(project, { trigger: 'test' });
    expect(leaks(everythingIn(project.store.path))).toEqual([]);
    expect(leaks(JSON.stringify(saved))).toEqual([]);
    expect(await verify(project, 'newest')).toMatchObject([{ ok: true, problem: undefined }]);
    const [copy, wanted] = [join(folder, 'restored.db'), join(folder, 'wanted.db')];
    await restore(project, { name: 'latest', to: copy });
    copyFileSync(project.db, wanted);
    expected(wanted, made, secrets);
    expect(differencesBetween(wanted, copy)).toEqual([]);
    const again = await backup(withDatabase(project, copy), { trigger: 'test' });
    expect(again).toMatchObject({ status: 'unchanged', name: saved.name });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('law 8, nothing secret by accident', () => {
  test('no byte of a credential is in a backup, and all else comes back', { timeout: 3_600_000 }, async () => {
    await fc.assert(fc.asyncProperty(anyDatabase, anySecrets, keepsSecrets), { numRuns: tries(60, 2000) });
  });

  test('the search that this rests on finds the mark in all its shapes', () => {
    for (const before of ['', 'x', 'xx', 'xxx']) {
      const bytes = Buffer.from(`${before}${MARK}zzz`);
      for (const text of [
        bytes.toString('latin1'),
        bytes.toString('base64'),
        Buffer.from(MARK, 'utf16le').toString('latin1'),
      ])
        expect(leaks(`..${text}..`)).not.toEqual([]);
    }
  });

  test('nor is it in a commit, in any object of git, or in what is said', () => {
    const project = makeProject({
      name: 'app',
      files: {
        'package.json': '{}\n',
        '.gitignore': 'node_modules\n',
        'overwinter.config.json': '{ "exclude": { "sessions": "rows" }, "redact": { "users": { "ssn": "none" } } }\n',
      },
      db: 'app.db',
      git: true,
    });
    const change = (sql: string) => {
      const db = new Database(join(project.app, 'app.db'));
      db.exec(sql);
      db.close();
    };
    const secret = `'${MARK}'`;
    change(`
      CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, passwordHash TEXT, ssn TEXT);
      CREATE TABLE sessions(token TEXT PRIMARY KEY, user_id INTEGER);
      CREATE VIRTUAL TABLE found USING fts5(name, ssn, content='users', content_rowid='id');
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
        INSERT INTO users SELECT i, 'user number ' || i, ${secret} || i, ${secret} FROM n;
      INSERT INTO found(found) VALUES ('rebuild');
      INSERT INTO sessions SELECT ${secret} || id, id FROM users; ANALYZE`);
    const said: string[] = [];
    const run = (args: string[]) => {
      const { code, stdout, stderr } = overwinter(project.app, args, plainEnvironment);
      said.push(stdout, stderr);
      expect([args, code, code === 0 ? '' : stderr]).toEqual([args, 0, '']);
    };
    run(['init']);
    for (const [at, sql] of ['', `UPDATE users SET name = 'other', passwordHash = ${secret} WHERE id < 9`].entries()) {
      if (sql !== '') change(sql);
      project.write('code.txt', `${at}\n`);
      project.git(['add', '.']);
      said.push(project.tryGit(['commit', '-m', 'work']).stderr);
    }
    expect(said.at(-1)).toContain('Left out: users.passwordHash, users.ssn, the rows of sessions, the rows of found.');
    for (const args of [
      ['diff'],
      ['status', '--json'],
      ['verify', '--all', '--json'],
      ['list', '--json'],
      ['export'],
      ['backup', 'mine'],
    ])
      run(args);
    const all = everythingIn(join(project.top, '.git')) + everythingIn(join(project.app, 'backups')) + said.join('\n');
    expect(all).toContain('user number 299');
    expect(leaks(all)).toEqual([]);
  });
});
