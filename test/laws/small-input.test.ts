import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { MAIN } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

/** No command needs nearly as long; one that goes into a view needs longer than anybody lives. */
const BOUND_MS = 40_000;

test('120 views, each of which names the one before twice, hold up no command', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const db = new Database(join(folder, 'app.db'));
  db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, password TEXT); INSERT INTO t VALUES (1, NULL), (2, NULL)');
  db.exec('CREATE VIRTUAL TABLE found USING fts5(body, content=v120)');
  db.exec('CREATE VIEW v0 AS SELECT * FROM t');
  for (let n = 1; n <= 120; n++) db.exec(`CREATE VIEW v${n} AS SELECT a.* FROM v${n - 1} a, v${n - 1} b`);
  db.exec('CREATE TRIGGER added AFTER INSERT ON t BEGIN INSERT INTO t(password) SELECT password FROM v120; END');
  db.close();
  const env = { ...process.env, OVERWINTER_HOST: 'none' };
  const commands = [
    'backup one',
    'status',
    'verify',
    'diff',
    'list',
    'export',
    'snapshot before',
    'restore one --to other.db',
    'restore one',
    'clear t --yes',
    'auto-restore',
    'undo',
    'doctor',
  ];
  for (const command of commands) {
    const args = [MAIN, ...command.split(' '), '--db', 'app.db'];
    const ran = spawnSync(process.execPath, args, { cwd: folder, env, timeout: BOUND_MS, encoding: 'utf8' });
    expect([command, ran.signal, ran.stderr.includes('Usage')]).toEqual([command, null, false]);
    if (command !== 'doctor') expect([command, ran.status, ran.stderr]).toEqual([command, 0, ran.stderr]);
  }
});

const DEPTH = 400_000;
const LISTS = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
const OBJECTS = `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`;

/** What is nested so deep that whoever goes into it by calling itself falls, or takes the square of its depth. */
test('JSON that is nested deep holds up nothing: in values, documents, settings, and what else is read of a project', () => {
  const folder = scratch();
  const put = (file: string, text: string) => writeFileSync(join(folder, file), text);
  put('package.json', '{}');
  const db = new Database(join(folder, 'app.db'));
  db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, settings TEXT, password TEXT)');
  for (const text of [
    LISTS,
    OBJECTS,
    OBJECTS.slice(0, DEPTH),
    '{"password":"x'.repeat(50_000),
    '"{\\"key\\":'.repeat(50_000),
  ])
    db.prepare('INSERT INTO t(settings) VALUES (?)').run(text);
  db.close();
  const env = { ...process.env, OVERWINTER_HOST: 'none' };
  const run = (...args: readonly string[]) => {
    const ran = spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, env, timeout: SOON_MS, encoding: 'utf8' });
    expect([args, ran.signal], ran.stderr).toEqual([args, null]);
    expect(ran.stderr).not.toMatch(/RangeError|\n\s+at /);
    return ran;
  };
  for (const command of [
    'backup one',
    'doctor',
    'verify',
    'export -o saved.json',
    'restore one --to other.db',
    'diff one',
  ])
    expect([command, run(...command.split(' ')).status]).toEqual([command, command === 'doctor' ? 1 : 0]);
  for (const text of [LISTS, OBJECTS, `{"data":{"t":[${OBJECTS}]}}`, `{"data":{"t":[{"a":${LISTS}}]}}`]) {
    put('document.json', text);
    expect(run('import', 'document.json', '--db', 'new.db').stderr).toContain('IMPORT_UNREADABLE');
  }
  for (const settings of [OBJECTS, `{"redact":{"t":${LISTS}}}`, `{"databases":${LISTS}}`, `{"keep":${OBJECTS}}`]) {
    put('overwinter.config.json', settings);
    expect(run('status').stderr).toContain('CONFIG_INVALID');
  }
  rmSync(join(folder, 'overwinter.config.json'));
  put('package.json', `{"overwinter":${OBJECTS}}`);
  expect(run('status').stderr).toContain('CONFIG_INVALID');
  for (const manifest of [`{"workspaces":${LISTS},"prisma":${OBJECTS}}`, LISTS]) {
    put('package.json', manifest);
    for (const command of ['status', 'backup', 'init']) run(command);
  }
});

/** Each of these is a few megabytes. */
const SOON_MS = 10_000;
