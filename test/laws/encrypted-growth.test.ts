import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changeOneRow, makeDatabase } from '../../bench/database.ts';
import { backup } from '../../src/operations/backup.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/encrypted.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const MOST = 1.3;
const COMMITS = 3;

function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

test(`law 5: one row in 20 MB adds at most ${MOST} times as much to the repository as without encryption`, async () => {
  const source = join(scratch(), 'source.db');
  makeDatabase(source, 190_000);
  expect(statSync(source).size).toBeGreaterThan(19_000_000);
  const added: number[] = [];
  for (const encryption of [undefined, encryptionFor({ to: [ageKey()] })]) {
    const folder = scratch();
    const project = projectIn(folder, encryption === undefined ? {} : { encryption });
    copyFileSync(source, project.db);
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args]);
    git('init', '-q');
    git('config', 'gc.auto', '0');
    const save = async () => {
      await backup(project, { trigger: 'test' });
      git('add', 'backups');
      git('commit', '-qm', 'save');
      return bytesIn(join(folder, '.git/objects'));
    };
    const first = await save();
    let last = first;
    for (let turn = 1; turn <= COMMITS; turn++) {
      changeOneRow(project.db, turn);
      last = await save();
    }
    added.push((last - first) / COMMITS);
  }
  const [plain = 0, sealed = 0] = added;
  expect(plain).toBeGreaterThan(10_000);
  expect(plain).toBeLessThan(100_000);
  expect(sealed / plain).toBeLessThan(MOST);
});
