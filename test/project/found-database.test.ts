import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { forged } from '../support/forged.ts';
import { scratch } from '../support/scratch.ts';

/** A project without a database, whose newest backup says that it is of `path`. */
async function cloneOf(path: string): Promise<string> {
  const { db } = await forged(({ metadata }) => Object.assign(metadata, { database: path }));
  const folder = dirname(db);
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(db, '');
  for (const file of ['.git/hooks/pre-commit', 'node_modules/lib/index.js', 'src/app.js']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '// code\n');
  }
  symlinkSync(scratch(), join(folder, 'outside'));
  return folder;
}

const TAKEN = ['.git/hooks/pre-commit', 'node_modules/lib/index.js', 'src/app.js', 'package.json'];

test.each([...TAKEN, '../app.db', '/tmp/app.db', '..', '', 'src', 'outside/app.db', './app.db', 'a/../../b.db'])(
  'a backup that says it is of %j does not decide where a database goes',
  async (path) => {
    const folder = await cloneOf(path);
    rmSync(join(folder, 'app.db'));
    const { code, stderr } = overwinter(folder, ['auto-restore']);
    expect(stderr).toContain('No database was named');
    expect(code).toBe(2);
    for (const file of TAKEN.slice(0, 3)) expect(readFileSync(join(folder, file), 'utf8')).toBe('// code\n');
  },
);

test('one that says where a database may be does', async () => {
  const folder = await cloneOf('data/of/app.sqlite');
  rmSync(join(folder, 'app.db'));
  expect(overwinter(folder, ['auto-restore']).code).toBe(0);
  expect(readFileSync(join(folder, 'data/of/app.sqlite'), 'latin1').slice(0, 15)).toBe('SQLite format 3');
});

test('a name in a backup does not speak to the terminal', async () => {
  const evil = 'x\u001b]0;owned\u0007\u001b[2J\u009b31m';
  const { db } = await forged((draft) => {
    draft.schema.push({ type: 'table', name: evil, table: evil, sql: `CREATE TABLE "${evil}"(a)` });
    draft.data.set(evil, { rows: ['{"a":1}'] });
    draft.metadata.tables++;
    draft.metadata.rows++;
  });
  writeFileSync(join(dirname(db), 'package.json'), '{}');
  for (const args of [['diff'], ['status'], ['list'], ['verify', 'forged'], ['restore', '../\u001b[2J']]) {
    const { stdout, stderr } = overwinter(dirname(db), args);
    expect(stdout + stderr).not.toMatch(/(?!\n)\p{Cc}/u);
  }
});
