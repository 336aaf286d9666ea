import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { widthOf } from '../../src/cli/fit.ts';
import { COMMAND_NAMES } from '../../src/core/command-names.ts';
import { overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';
import { HAS_TERMINAL, saidOnTerminal } from '../support/terminal.ts';

/** What stands in one line however long it is: a line to type, a command in quotes, a path. */
function mayBeLong(line: string, columns: number): boolean {
  const plain = line.replace(/\u001b\[[0-9;]*m/g, '');
  if (/^\s+(\$|npm|npx|git|gh) /.test(plain)) return true;
  const words = plain.trim().match(/'[^']+'\S*|\S+/g) ?? [];
  return words.length === 1 && widthOf(words[0] ?? '') > columns - 20;
}

const tooLong = (said: string, columns: number) =>
  said.split('\n').filter((line) => widthOf(line) > columns && !mayBeLong(line, columns));

const groups = [...new Set(COMMAND_NAMES.flatMap((name) => (name.includes(' ') ? [name.split(' ')[0] ?? ''] : [])))];
const HELP = ['', ...groups, ...COMMAND_NAMES].map((name) => [...name.split(' ').filter(Boolean), '--help']);

const MAIN_COMMANDS = [
  ['status'],
  ['list'],
  ['list', '--history'],
  ['diff'],
  ['log', 'users'],
  ['log', 'users', '1'],
  ['verify'],
  ['snapshots'],
  ['doctor', '--offline'],
  ['prune', '--dry-run'],
  ['keys', 'check'],
  ['backup'],
  ['restore', '--dry-run'],
  ['push'],
  ['notify', '--test'],
  ['bakcup'],
  ['restore', 'nope'],
  ['clear', 'usrs'],
  ['restore', '--table', 'usrs'],
  ['ci', '--dry-run'],
  ['init', '--dry-run'],
];

function project(): string {
  const folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{"devDependencies": {"overwinter": "1"}}');
  execFileSync('git', ['init', '-q'], { cwd: folder });
  const db = new Database(join(folder, 'data/app.db'));
  db.exec("CREATE TABLE users(id INTEGER PRIMARY KEY, note TEXT); INSERT INTO users(note) VALUES ('ada'), ('bob')");
  overwinter(folder, ['backup', 'before-the-migration-to-another-shape']);
  overwinter(folder, ['snapshot', 'before something that may go wrong, as such things do now and then']);
  db.prepare('UPDATE users SET note = ? WHERE id = 1').run('words '.repeat(60));
  db.prepare('INSERT INTO users(note) VALUES (?)').run('日本'.repeat(60));
  db.close();
  return folder;
}

describe.skipIf(!HAS_TERMINAL).each([80, 60])('on a terminal of %i columns', (columns) => {
  test('the help of every command fits', () => {
    const said = saidOnTerminal(scratch(), HELP, columns);
    expect(said.map((each, at) => [HELP[at], /Usage: overwinter/.test(each)])).toEqual(
      HELP.map((each) => [each, true]),
    );
    expect(said.flatMap((each) => tooLong(each, columns))).toEqual([]);
  });

  test('what the main commands say fits', () => {
    const said = saidOnTerminal(project(), MAIN_COMMANDS, columns);
    expect(said.map((each) => each.trim() === '')).toEqual(MAIN_COMMANDS.map(() => false));
    expect(said.map((each, at) => [MAIN_COMMANDS[at], tooLong(each, columns)])).toEqual(
      MAIN_COMMANDS.map((each) => [each, []]),
    );
  });
});

test.skipIf(!HAS_TERMINAL)('on a wide terminal there is a line for each thing', () => {
  const [list = '', status = ''] = saidOnTerminal(project(), [['list'], ['status']], 200);
  expect(list).toMatch(/^NAME +SAVED/);
  expect(status).toMatch(
    /committed {3}before-the-migration-to-another-shape is in no commit of this branch, or not whole\.$/m,
  );
});

test('what is piped is not broken', () => {
  const folder = project();
  const ran = overwinter(folder, ['list'], { COLUMNS: '40' });
  expect(ran.stdout).toMatch(/^NAME +SAVED/);
  const { stdout } = overwinter(folder, ['diff'], { COLUMNS: '40' });
  expect(stdout).toMatch(/^ {2}\+ .{100}/m);
});
