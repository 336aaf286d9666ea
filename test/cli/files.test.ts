import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

let folder: string;
const run = (...args: string[]) => overwinter(folder, args);
const OLD = new Date('2026-01-02T03:04:05Z');

function put(path: string, bytes: string | Uint8Array): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  utimesSync(file, OLD, OLD);
}

const configure = (config: object) => writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify(config));

beforeEach(() => {
  folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{"name": "app"}');
  addNotes(join(folder, 'app.db'), 3);
  configure({ db: 'app.db', files: ['data/uploads'] });
});

test('files are counted, listed and brought back', () => {
  put('data/uploads/a.txt', 'hello');
  put('data/uploads/deep/b.bin', Buffer.alloc(20_000, 7));
  expect(run('backup').stderr).toMatch(/Saved 3 rows in 1 table and 2 files \(20\.0 KB\)/);
  expect(run('list').stdout).toMatch(/ROWS +FILES +SIZE\n.* 3 +2 /);
  rmSync(join(folder, 'app.db'));
  rmSync(join(folder, 'data'), { recursive: true });
  expect(run('restore', '--yes').stderr).toContain('Of its 2 files: 2 brought back.');
  expect(readFileSync(join(folder, 'data/uploads/a.txt'), 'utf8')).toBe('hello');
  expect(run('backup').stderr).toContain('Nothing changed');
});

test('what is written to a file is never taken for unchanged, however often nothing changed', () => {
  put('data/uploads/a.txt', 'hello');
  for (let i = 0; i < 3; i++) run('backup');
  put('data/uploads/a.txt', 'HELLO');
  expect(JSON.parse(run('backup', '--json').stdout).status).toBe('created');
});

test('links, pipes and names that cannot be are named, and never followed', () => {
  put('data/uploads/a.txt', 'hello');
  put('secret.txt', 'not yours');
  symlinkSync('../../secret.txt', join(folder, 'data/uploads/link'));
  symlinkSync('../..', join(folder, 'data/uploads/around'));
  execFileSync('mkfifo', [join(folder, 'data/uploads/pipe')]);
  put('data/uploads/new\nline', 'x');
  put('data/uploads/A.TXT', 'x');
  put('data/uploads/.git/config', 'x');
  put('data/uploads/node_modules/x.js', 'x');
  const { stderr } = run('backup');
  expect(stderr).toContain('and 2 files');
  expect(stderr).toMatch(/each is a link: data\/uploads\/around, data\/uploads\/link\./);
  expect(stderr).toMatch(/each is no plain file: data\/uploads\/pipe\./);
  expect(stderr).toMatch(/each holds a control character: /);
  expect(stderr).toMatch(/same name as another's .*: data\/uploads\/a\.txt/);
});

test('a folder that is a link, the whole project and a folder outside are refused with what to do', () => {
  mkdirSync(join(folder, 'elsewhere'));
  mkdirSync(join(folder, 'data'));
  symlinkSync('../elsewhere', join(folder, 'data/uploads'));
  expect(run('backup')).toMatchObject({ code: 4, stderr: expect.stringContaining('data/uploads is a link') });
  configure({ db: 'app.db', files: ['.'] });
  expect(run('backup')).toMatchObject({ code: 2, stderr: expect.stringContaining('the whole project') });
  configure({ db: 'app.db', files: ['/somewhere'] });
  expect(run('backup')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("{ name: 'uploads', folder: '/somewhere' }"),
  });
  configure({ db: 'app.db', files: ['data', 'data/uploads'] });
  expect(run('backup')).toMatchObject({ code: 2, stderr: expect.stringContaining('one lies in the other') });
});

test('one file that is too large is left out and named; too much together stops the backup', () => {
  put('data/uploads/a.txt', 'hello');
  put('data/uploads/film', Buffer.alloc(1_500_000));
  configure({ db: 'app.db', files: ['data/uploads'], fileLimits: { file: 1 } });
  expect(run('backup').stderr).toMatch(
    /each has 1\.5 MB, and files of at most 1\.0 MB are saved \(fileLimits\): data\/uploads\/film/,
  );
  configure({ db: 'app.db', files: ['data/uploads'], fileLimits: { all: 1 } });
  expect(run('backup')).toMatchObject({ code: 2, stderr: expect.stringContaining('"fileLimits": { "all": 100 }') });
});

test('the database and the backups are none of the files, wherever they lie', () => {
  mkdirSync(join(folder, 'data'));
  rmSync(join(folder, 'app.db'));
  addNotes(join(folder, 'data/app.db'), 3);
  configure({ db: 'data/app.db', dir: 'data/backups', files: ['data'] });
  put('data/a.txt', 'hello');
  expect(run('backup').stderr).toContain('and 1 file (5 B)');
  expect(run('backup').stderr).toContain('Nothing changed');
  expect(readdirSync(join(folder, 'data/backups')).length).toBeGreaterThan(1);
});

test('a folder that is empty or gone, or lost most, stops a backup until that is said to be meant', () => {
  for (let i = 0; i < 30; i++) put(`data/uploads/${i}.txt`, `file ${i}`);
  run('backup');
  for (let i = 0; i < 20; i++) rmSync(join(folder, `data/uploads/${i}.txt`));
  expect(run('backup')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('data/uploads has 10 of its 30 files'),
  });
  rmSync(join(folder, 'data'), { recursive: true });
  const gone = run('backup');
  expect(gone).toMatchObject({ code: 4, stderr: expect.stringContaining('data/uploads has none of its 30 files') });
  expect(gone.stderr).toContain("'overwinter backup --allow-shrink data/uploads'");
  expect(run('backup', '--allow-shrink', 'data/uploads').code).toBe(0);
  expect(run('backup').code).toBe(0);
});
