import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { startCommand } from '../support/app.ts';
import { MAIN, overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

const PYTHON = `
import os, signal, sqlite3, sys, time
db = sqlite3.connect('app.db')
db.execute('CREATE TABLE IF NOT EXISTS notes(id INTEGER PRIMARY KEY, text)')
print('pid', os.getpid(), flush=True)
print('rows', db.execute('SELECT count(*) FROM notes').fetchone()[0], flush=True)
def end(number, frame):
    db.execute("INSERT INTO notes(text) VALUES ('last words')")
    db.commit()
    print('ending', flush=True)
    sys.exit(4)
if 'polite' in sys.argv: signal.signal(signal.SIGTERM, end)
for word in sys.argv[2:]:
    db.execute('INSERT INTO notes(text) VALUES (?)', (word,))
db.commit()
print('written', flush=True)
while 'stay' in sys.argv: time.sleep(0.05)
`;

let folder: string;
const run = (...words: string[]) =>
  startCommand(
    process.execPath,
    [MAIN, 'run', '--db', 'app.db', '--dir', 'backups', '--debounce', '0', '--', ...words],
    folder,
  );
const python = (...words: string[]) => run('python3', 'app.py', ...words);

function notes(): unknown[] {
  const db = new Database(join(folder, 'app.db'), { readonly: true });
  try {
    return db.prepare('SELECT text FROM notes ORDER BY id').pluck().all();
  } finally {
    db.close();
  }
}

function loseDatabase(): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(join(folder, `app.db${end}`), { force: true });
}

beforeEach(() => {
  folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'app.py'), PYTHON);
});

describe('an app in Python', () => {
  test('has its rows back after it was killed and its database deleted', async () => {
    const first = python('-', 'ada', 'bob', 'stay');
    const pid = Number((await first.heard('pid ')).slice(4));
    await first.heard('rows 0');
    await first.heard('written');
    await expect.poll(() => existsSync(join(folder, 'backups/latest_backup.json')), { timeout: 10_000 }).toBe(true);
    const newest = () => JSON.parse(overwinter(folder, ['list', '--json']).stdout).backups[0];
    await expect.poll(() => newest()?.rows, { timeout: 10_000 }).toBe(3);
    first.signal('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await first.ended;
    loseDatabase();
    const second = python('-', 'cy');
    await second.heard('rows 3');
    expect(await second.ended).toEqual({ code: 0, signal: null });
    expect(second.errors()).toContain('Restored 3 rows');
    loseDatabase();
    const third = python('-');
    await third.heard('rows 4');
    await third.ended;
    expect(notes()).toEqual(['ada', 'bob', 'stay', 'cy']);
  });

  test('gets the signal, and what it writes then is saved', async () => {
    const app = python('polite', 'stay');
    await app.heard('written');
    app.signal('SIGTERM');
    await app.heard('ending');
    expect(await app.ended).toEqual({ code: 4, signal: null });
    loseDatabase();
    overwinter(folder, ['auto-restore', '--db', 'app.db']);
    expect(notes()).toEqual(['stay', 'last words']);
  });

  test('that a signal ends, ends this command by the same signal', async () => {
    const app = python('-', 'stay');
    await app.heard('written');
    app.signal('SIGTERM');
    expect(await app.ended).toEqual({ code: null, signal: 'SIGTERM' });
    loseDatabase();
    overwinter(folder, ['auto-restore', '--db', 'app.db']);
    expect(notes()).toEqual(['stay']);
  });
});

describe('what the command says about itself passes through', () => {
  test.each([0, 1, 77])('its exit code: %i', async (code) => {
    expect((await run('sh', '-c', `exit ${code}`).ended).code).toBe(code);
  });

  test('its words, its options and what is said to it', async () => {
    const app = run('sh', '-c', 'read line; echo "heard $line $0 $1"', '--json', '--db');
    app.say('hello');
    await app.heard('heard hello --json --db');
    expect((await app.ended).code).toBe(0);
  });

  test('a signal that comes the moment it is started', async () => {
    const script = 'trap "exit 9" USR1; kill -USR1 $PPID; for i in 1 2 3 4 5; do sleep 0.2; done; exit 3';
    const apps = Array.from({ length: 6 }, () => run('sh', '-c', script));
    expect((await Promise.all(apps.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([9, 9, 9, 9, 9, 9]);
  });

  test('SIGHUP and SIGUSR1', async () => {
    const app = run(
      'python3',
      '-uc',
      `import signal, sys, time
signal.signal(signal.SIGUSR1, lambda *_: print('usr'))
signal.signal(signal.SIGHUP, lambda *_: (print('hup'), sys.exit(9)))
print('up')
while True: time.sleep(0.05)`,
    );
    await app.heard('up');
    app.signal('SIGUSR1');
    await app.heard('usr');
    app.signal('SIGHUP');
    await app.heard('hup');
    expect((await app.ended).code).toBe(9);
  });
});

test('a command that is not there is said in words', async () => {
  const app = run('no-such-command');
  expect((await app.ended).code).toBe(127);
  expect(app.errors()).toContain('COMMAND_NOT_STARTED');
});

test('an app is not started where its data could not be brought back', async () => {
  await python('-', 'ada').ended;
  loseDatabase();
  const { stdout } = overwinter(folder, ['list', '--json']);
  for (const { name } of JSON.parse(stdout).backups)
    writeFileSync(join(folder, `backups/${name}.json`), '{"metadata": {');
  // The backup's second form would bring it back.
  rmSync(join(folder, '.overwinter/binary'), { recursive: true, force: true });
  const app = python('-', 'bob');
  expect((await app.ended).code).not.toBe(0);
  expect(existsSync(join(folder, 'app.db'))).toBe(false);
});
