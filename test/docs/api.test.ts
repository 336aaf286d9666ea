import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { apiPage, documented } from '../../scripts/api.ts';
import { lasting } from '../support/scratch.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MODULES = join(ROOT, 'node_modules');
const folder = lasting();
const all = documented();

mkdirSync(join(folder, 'node_modules'));
symlinkSync(ROOT, join(folder, 'node_modules/overwinter'));
symlinkSync(join(MODULES, '@types'), join(folder, 'node_modules/@types'));
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
for (const { name, example } of all) writeFileSync(join(folder, `${name}.ts`), `${example}\n`);

test('docs/api.md is what the source says', () => {
  expect(all.length).toBeGreaterThan(20);
  expect(readFileSync(join(ROOT, 'docs/api.md'), 'utf8'), "'npm run docs' writes it anew").toBe(apiPage());
});

test('every example compiles', () => {
  const how = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--types',
    'node',
  ];
  const names = all.map(({ name }) => `${name}.ts`);
  const ran = spawnSync(join(MODULES, '.bin/tsc'), [...how, ...names], { cwd: folder, encoding: 'utf8' });
  expect(ran.stdout).toBe('');
  expect(ran.status).toBe(0);
});

test('every example runs', () => {
  mkdirSync(join(folder, 'data'));
  const db = new Database(join(folder, 'data/app.db'));
  db.exec("create table notes (text); insert into notes values ('old'), ('new')");
  db.close();
  writeFileSync(join(folder, 'all.ts'), all.map(({ name }) => `await import('./${name}.ts');\n`).join(''));
  const tsx = join(MODULES, 'tsx/dist/loader.mjs');
  const env = { PATH: process.env.PATH, OVERWINTER_HOST: 'none' };
  const ran = spawnSync(process.execPath, ['--import', tsx, 'all.ts'], { cwd: folder, encoding: 'utf8', env });
  expect(ran.status, ran.stderr).toBe(0);
  const left = new Database(join(folder, 'data/app.db'), { readonly: true });
  expect(left.prepare('select text from notes').pluck().all()).toEqual(['new']);
  left.close();
});
