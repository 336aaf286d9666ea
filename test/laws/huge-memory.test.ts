import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { MAIN } from '../support/command-line.ts';
import { differencesBetween } from '../support/same-database.ts';
import { scratch } from '../support/scratch.ts';

/** Tells on its way out how much memory the process had at most, in KB. */
const TELL = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => process.stderr.write('\\nmost ' + process.resourceUsage().maxRSS))",
)}`;

function megabytesOf(folder: string, args: readonly string[]): number {
  const ran = spawnSync(process.execPath, ['--import', TELL, MAIN, ...args, '--db', 'app.db'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(ran.status, ran.stderr).toBe(0);
  return Number(/\nmost (\d+)$/.exec(ran.stderr)?.[1]) / 1024;
}

// Two, so that they could be two threads', each with one of its own.
test.each([1, 2])('%d BLOBs of 100 MB are saved and restored where there are 512 MB', (many) => {
  const folder = scratch();
  const db = new Database(join(folder, 'app.db'));
  db.exec('CREATE TABLE files(name, body)');
  for (let n = 0; n < many; n++) db.exec("INSERT INTO files VALUES ('file', randomblob(100000000))");
  db.close();
  expect(megabytesOf(folder, ['backup'])).toBeLessThan(450);
  expect(megabytesOf(folder, ['restore', '--to', 'copy.db'])).toBeLessThan(500);
  expect(differencesBetween(join(folder, 'app.db'), join(folder, 'copy.db'))).toEqual([]);
});
