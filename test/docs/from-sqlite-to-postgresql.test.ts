import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { seedBudget } from '../../examples/budget/seed.ts';
import { valuesIn } from '../support/across.ts';
import { overwinter } from '../support/command-line.ts';
import { freshDatabase, postgresPrograms } from '../support/postgres.ts';
import { scratch } from '../support/scratch.ts';

const GUIDE = resolve(import.meta.dirname, '../../docs/guides/from-sqlite-to-postgresql.md');

/** What the guide has people type, in order. */
const typed = [...readFileSync(GUIDE, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
  block.split('\n').filter((line) => line !== ''),
);

test('the guide from SQLite to PostgreSQL works as it stands', { timeout: 180_000 }, async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  mkdirSync(join(folder, 'data'));
  const file = join(folder, 'data/app.db');
  seedBudget(file);
  // Where there is no server, its guide's own first try: a folder.
  const url = postgresPrograms() === undefined ? `pglite:${join(folder, 'pg')}` : (await freshDatabase()).url;
  const said: string[] = [];
  for (const line of typed) {
    const [, program, rest = ''] = /^(npm|npx overwinter|echo) (.*)$/.exec(line) ?? [];
    if (program === 'npm') continue;
    if (program === 'echo') {
      expect(rest).toMatch(/^'NEW_DATABASE_URL=postgres:\/\/\S+' >> \.env$/);
      writeFileSync(join(folder, '.env'), `NEW_DATABASE_URL=${url}\n`);
      continue;
    }
    expect(program, line).toBe('npx overwinter');
    const ran = overwinter(folder, rest.split(' '));
    expect(ran.code, `${line}\n${ran.stderr}`).toBe(0);
    said.push(ran.stdout + ran.stderr);
  }
  expect(said[0]).toContain('INTEGER → bigint');
  expect(said[0]).toContain('view balance');
  expect(said[0]).toContain('Nothing was written');
  expect(said.at(2)).toContain('Copied 184 rows');
  expect(valuesIn(join(folder, 'data/back.db'))).toEqual(valuesIn(file));
});

test('what it says of each type is what types are', async () => {
  const guide = readFileSync(GUIDE, 'utf8');
  const { types: postgres } = await import('../../src/engines/postgres/across/types.ts');
  const { types: sqlite } = await import('../../src/engines/sqlite/across/types.ts');
  const short = (name: string) => name.replace(/^(time|timestamp) without time zone$/, '$1');
  for (const [first] of Object.values(postgres))
    if (first !== undefined) expect(guide).toContain(`\`${short(first.name)}`);
  for (const [first] of Object.values(sqlite))
    if (first !== undefined) expect(guide).toMatch(new RegExp(`\`${first.name}\`|\`${first.name.toLowerCase()}\``));
});
