import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { stoppable } from '../../src/cli/stoppable.ts';
import { type Hint, hintText } from '../../src/core/hint.ts';
import { connectToServer } from '../../src/engines/postgres/pg-driver.ts';
import { withLock } from '../../src/local/lock.ts';
import { startCommand } from '../support/app.ts';
import { MAIN, overwinter } from '../support/command-line.ts';
import { freshDatabase, postgresPrograms } from '../support/postgres.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

/** What was said, and by what it was ended. */
function watching() {
  const said: string[] = [];
  const ended: string[] = [];
  const output = {
    warn: (words: string | Hint) => void said.push(typeof words === 'string' ? words : hintText(words)),
  };
  return { said, ended, output, end: (signal: string) => void ended.push(signal) };
}
const signal = (name: 'SIGINT' | 'SIGTERM') => process.emit(name, name);

describe('whoever stops what puts something in the place of a database', () => {
  test('is told before the end that nothing is another, and it ends at once', async () => {
    const { said, ended, output, end } = watching();
    const before = process.listenerCount('SIGTERM');
    const code = await stoppable(
      output,
      'app.db',
      async () => {
        signal('SIGTERM');
        expect([ended, process.listenerCount('SIGTERM')]).toEqual([['SIGTERM'], before]);
        return 0;
      },
      end,
    );
    expect([code, said[0]]).toEqual([
      143,
      expect.stringMatching(
        /before anything changed: app\.db is as it was, and there is nothing to undo\. .*overwinter status/,
      ),
    ]);
  });

  test('is told once it is done that all of it is', async () => {
    const { said, ended, output, end } = watching();
    const work = async ({ onEnding }: { onEnding: () => void }) => {
      onEnding();
      signal('SIGINT');
      return 0;
    };
    expect(await stoppable(output, 'app.db', work, end)).toBe(130);
    expect([said, ended]).toEqual([[expect.stringMatching(/all of it is done.*overwinter undo/)], []]);
    expect(await stoppable(output, 'app.db', async () => 7, end)).toBe(7);
    expect(said).toHaveLength(1);
  });

  test('may stop it at the very end by doing so twice', async () => {
    const { said, ended, output, end } = watching();
    await stoppable(
      output,
      'app.db',
      async ({ onEnding }) => {
        onEnding();
        signal('SIGINT');
        signal('SIGINT');
        return 0;
      },
      end,
    );
    expect([said[0], ended]).toEqual([
      expect.stringMatching(/either all of it is done, or nothing.*overwinter status/),
      ['SIGINT'],
    ]);
  });
});

test.each([
  [['restore', '--yes'], 'SIGINT'],
  [['undo', '--yes'], 'SIGTERM'],
  [['clear', 'notes', '--yes'], 'SIGINT'],
  [['restore', '--table', 'notes', '--yes'], 'SIGTERM'],
  [['import', 'it.json', '--yes'], 'SIGINT'],
] as const)('overwinter %j, stopped while it waits, says that nothing changed', async (args, by) => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const { local, database, db } = projectIn(folder);
  addNotes(db, 3);
  const env = { OVERWINTER_DB: 'app.db' };
  for (const each of [['backup'], ['snapshot'], ['export', '-o', 'it.json']])
    expect(overwinter(folder, each, env).code).toBe(0);
  addNotes(db, 1);
  await withLock(local, database.id, 1000, async () => {
    const command = startCommand(process.execPath, [MAIN, ...args], folder, env);
    // Until it has begun to wait, and hears signals.
    while (!isWaiting(local, command.pid)) await sleep(10);
    command.signal(by);
    expect(await command.ended).toEqual({ code: null, signal: by });
    expect(command.errors()).toMatch(
      /^Note: it was stopped before anything changed: .*app\.db is as it was, and there is nothing to undo\. /m,
    );
  });
  expect(await database.counts()).toEqual(new Map([['notes', 4]]));
});

/** Whether a process has the file of a lock open. */
function isWaiting(local: string, pid: number): boolean {
  const files = `/proc/${pid}/fd`;
  try {
    return readdirSync(files).some((fd) => readlinkSync(join(files, fd)).startsWith(join(local, 'locks')));
  } catch {
    return false;
  }
}

test.skipIf(postgresPrograms() === undefined)(
  'a restore that is stopped once it has kept what is there leaves no way back to what is there',
  async () => {
    const { url, psql } = await freshDatabase();
    const folder = scratch();
    writeFileSync(join(folder, 'package.json'), '{}');
    const env = { OVERWINTER_DB: url };
    const put = (state: string) =>
      psql(`CREATE TABLE IF NOT EXISTS t(v text); TRUNCATE t; INSERT INTO t VALUES ('${state}')`);
    const done = (...args: string[]) => {
      const { code, stderr } = overwinter(folder, args, env);
      expect(code, stderr).toBe(0);
      return stderr;
    };
    for (const state of ['b', 'a']) {
      put(state);
      done('backup', `of-${state}`);
    }
    done('restore', 'of-b', '--yes');
    const snapshots = join(folder, '.overwinter/snapshots');
    const kept = () => readdirSync(snapshots).filter((name) => name.endsWith('.json')).length;
    // Who reads keeps it from going on, behind that.
    const reader = await connectToServer(url, {});
    await reader.query('BEGIN; LOCK TABLE t IN ACCESS SHARE MODE');
    const command = startCommand(process.execPath, [MAIN, 'restore', 'of-a', '--yes'], folder, env);
    while (kept() < 2) await sleep(2);
    command.signal('SIGINT');
    expect((await command.ended).signal).toBe('SIGINT');
    expect(command.errors()).toContain('there is nothing to undo');
    await reader.close();
    expect(psql('SELECT v FROM t')).toBe('b\n');
    done('undo', '--yes');
    expect(psql('SELECT v FROM t')).toBe('a\n');
  },
);
