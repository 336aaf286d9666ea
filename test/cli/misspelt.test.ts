import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { overwinter as run } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

let folder: string;
const overwinter = (...args: string[]) => run(folder, args);

beforeEach(() => {
  folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  const db = new Database(join(folder, 'data/app.db'));
  db.exec(
    'CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, password TEXT); INSERT INTO users VALUES (1, NULL, NULL)',
  );
  db.close();
});

describe('what is misspelt', () => {
  test.each([
    [['backup', '--alow-shrink'], '--allow-shrink', 'overwinter backup --help'],
    [['restore', '--dry'], '--dry-run', 'overwinter restore --help'],
    [['list', '--histroy'], '--history', 'overwinter list --help'],
    [['keys', 'new', '--tp', 'x'], '--to', 'overwinter keys new --help'],
    [['status', '--jsn'], '--json', 'overwinter status --help'],
    [['bakcup'], "'overwinter backup'", 'overwinter --help'],
    [['snap'], "'overwinter snapshot'", 'overwinter --help'],
    [['keys', 'nwe'], "'overwinter keys new'", 'overwinter keys --help'],
  ])('%j is answered with %s', (args, meant, help) => {
    const ran = overwinter(...args);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(`Did you mean ${meant}? '${help}' shows what there is.`);
  });

  test.each([
    [['restore', '--table'], "'--table <table>' was given without its value."],
    [['export', '-o'], "'-o, --output <file>' was given without its value."],
    [['prune', '--last', 'x'], "'x' is no value for '--last <n>'. It must be a whole number."],
    [['ui', '--port', '99999'], "'99999' is no value for '--port <n>'. It must be a number from 0 to 65535."],
    [
      ['auto-restore', '--on-failure', 'wait'],
      "'wait' is no value for '--on-failure <what>'. It may be one of these: fail, start-empty.",
    ],
    [['completion', 'tcsh'], "'tcsh' is no shell. It may be one of these: bash, zsh, fish."],
    [['import'], 'One word is missing: file.'],
    [['copy'], "'--to <target>' is missing."],
    [['diff', 'a', 'b', 'c'], "'diff' takes 2 words at most, and 3 were given."],
    [['undo', 'a', 'b'], "'undo' takes 1 word at most, and 2 were given."],
    [['status', 'a'], "'status' takes no words, and 1 was given."],
  ])('%j is told so in a sentence', (args, sentence) => {
    const ran = overwinter(...args);
    expect([ran.code, ran.stdout, ran.stderr.split('\n')[0]]).toEqual([2, '', `Error: ${sentence} (USAGE)`]);
    expect(ran.stderr).toContain(`'overwinter ${args[0]} --help' shows what there is.`);
  });

  test('an option of another command is not suggested', () => {
    const ran = overwinter('status', '--histroy');
    expect(ran.stderr).toContain("Unknown option '--histroy'.");
    expect(ran.stderr).not.toContain('Did you mean');
  });

  test('with --json it is said in the document', () => {
    const ran = overwinter('bakcup', '--json');
    expect(JSON.parse(ran.stdout).error).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('backup') });
    expect(ran.stderr).toBe('');
  });

  test('help is no error', () => {
    expect(overwinter('backup', '--help')).toMatchObject({ code: 0, stderr: '' });
    expect(overwinter('help', 'restore').stdout).toContain('--dry-run');
    expect(overwinter().stderr).not.toContain('Error:');
  });
});

describe('a database that is not there', () => {
  test('names the one with nearly its name', () => {
    writeFileSync(join(folder, 'data/other.db'), '');
    expect(overwinter('backup', '--db', 'data/ap.db').stderr).toContain(
      `There is ${join(folder, 'data/app.db')}: if that was meant`,
    );
  });

  test('names the only one beside it, whatever its name', () => {
    renameSync(join(folder, 'data/app.db'), join(folder, 'data/production.sqlite3'));
    expect(overwinter('backup', '--db', 'data/app.db').stderr).toContain('production.sqlite3: if that was meant');
  });

  test('names the one in the folder that was meant', () => {
    expect(overwinter('backup', '--db', 'dta/app.db').stderr).toContain(
      `There is ${join(folder, 'data/app.db')}: if that was meant`,
    );
  });

  test('names none where none is like it', () => {
    overwinter('backup');
    rmSync(join(folder, 'data/app.db'));
    const ran = overwinter('backup', '--db', 'data/app.db');
    expect(ran.stderr).not.toContain('that was meant');
    expect(ran.stderr).toContain("'overwinter restore latest --db");
    rmSync(join(folder, 'backups'), { recursive: true });
    expect(overwinter('backup', '--db', 'data/app.db').stderr).toContain('Start the app, which makes it');
  });
});

describe('the configuration', () => {
  test.each([
    ['overwinter.config.cjs', 'module.exports = { dir: "saved" };'],
    ['overwinter.config.mts', 'const dir: string = "saved"; export default { dir };'],
    ['overwinter.config.cts', 'const dir: string = "saved"; module.exports = { dir };'],
    ['overwinter.config.mjs', 'export default { dir: "saved" };'],
    ['overwinter.config.js', 'module.exports = { dir: "saved" };'],
  ])('%s is read', (file, text) => {
    writeFileSync(join(folder, file), text);
    expect(JSON.parse(overwinter('list', '--json').stdout)).toMatchObject({ backups: [] });
    expect(overwinter('list').stderr).toContain(join(folder, 'saved'));
  });

  const ADVICE = 'looks private';
  test.each([
    ['overwinter.config.json', '{}', 'overwinter.config.json'],
    ['overwinter.config.mjs', 'export default {};', 'overwinter.config.mjs'],
    ['package.json', '{"overwinter": {}}', '"overwinter" in package.json'],
  ])('advice names %s, where that is the one', (file, text, name) => {
    writeFileSync(join(folder, file), text);
    const db = new Database(join(folder, 'data/app.db'));
    db.exec("UPDATE users SET email = 'ada@example.org'; ALTER TABLE users DROP COLUMN password");
    db.close();
    const { stderr } = overwinter('backup');
    expect(stderr).toContain(ADVICE);
    expect(stderr).toContain(`say so in ${name}:`);
    expect(stderr).not.toContain('overwinter.config.ts');
  });
});
