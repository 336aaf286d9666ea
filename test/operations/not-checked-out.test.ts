import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { addRows, newRepository, rowsIn } from '../support/repository.ts';

test('backups that are in the last commit alone are brought back, and no app starts without them', () => {
  const { top, db, git, write } = newRepository({ hooks: false });
  write('overwinter.config.json', '{ "db": "app.db" }');
  write('.gitignore', 'app.db*\n.overwinter\n');
  addRows(db, 500);
  expect(overwinter(top, ['backup']).code).toBe(0);
  git(['add', '-A']);
  git(['commit', '-q', '-m', 'begin']);
  rmSync(join(top, 'backups'), { recursive: true });
  rmSync(db);
  const said = { code: 1, stderr: expect.stringContaining('git checkout HEAD -- ') };
  // Whoever asks for one is told the same, and nobody is told that there is none yet.
  for (const args of [['restore'], ['restore', 'backup_20260101_000000_00000000'], ['verify'], ['list'], ['diff']])
    expect(overwinter(top, args), args.join(' ')).toMatchObject(said);
  const { light, chain } = JSON.parse(overwinter(top, ['status', '--json']).stdout);
  expect(light).toBe('red');
  for (const step of chain.steps) expect(JSON.stringify(step), step.name).toMatch(/git checkout HEAD|would be refused/);
  const doctor = overwinter(top, ['doctor']).stdout;
  expect(doctor).toContain('git checkout HEAD');
  expect(doctor).not.toContain('yet');
  expect(overwinter(top, ['auto-restore'])).toMatchObject(said);
  expect(overwinter(top, ['status']).stdout).toContain('would be refused');
  // An app that started in spite of it writes a row, and the first backup would be of that alone.
  rmSync(join(top, '.overwinter'), { recursive: true, force: true });
  addRows(db, 1);
  expect(overwinter(top, ['backup'])).toMatchObject(said);
  git(['checkout', 'HEAD', '--', 'backups']);
  expect(overwinter(top, ['backup'])).toMatchObject({ code: 4 });
  rmSync(db);
  expect(overwinter(top, ['auto-restore']).code).toBe(0);
  expect(rowsIn(db)).toBe(503);
  // Whoever means it begins anew.
  rmSync(join(top, 'backups'), { recursive: true });
  expect(overwinter(top, ['backup', '--allow-shrink']).code).toBe(0);
});
