import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
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
