import { expect, test } from 'vitest';
import {
  backupName,
  idOfPart,
  isMisnamed,
  isPartFile,
  nameOfManifest,
  partFile,
  userName,
} from '../../src/core/names.ts';

const DIGEST = 'sha256:4f1c2a9b00000000';
const DATE = new Date('2026-11-20T23:15:00.123Z');
const ID = '5d41402abc4b2a76b9719d911017c592ae3f2b10';

test('a name says the time, in UTC, and which manifest it is', () => {
  expect(backupName('backup', DATE, DIGEST)).toBe('backup_20261120_231500_4f1c2a9b');
  expect(backupName('deployment', DATE, DIGEST)).toBe('deployment_20261120_231500_4f1c2a9b');
});

test('a name is told from one that another backup should have', () => {
  const name = backupName('deployment', DATE, DIGEST);
  expect(isMisnamed(name, DATE.toISOString(), DIGEST)).toBe(false);
  expect(isMisnamed(name, '2026-11-20T23:15:01.000Z', DIGEST)).toBe(true);
  expect(isMisnamed(name, DATE.toISOString(), 'sha256:5f1c2a9b00000000')).toBe(true);
  expect(isMisnamed('before-migration', DATE.toISOString(), DIGEST)).toBe(false);
});

test.each([
  '../evil',
  'a/b',
  'a\\b',
  '',
  '.hidden',
  '-rf',
  'a b',
  'latest',
  'latest_backup',
  `${'x'.repeat(101)}`,
  'a\0',
  'ü',
])('%j cannot be a name', (given) => {
  expect(() => userName(given)).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }));
});

test.each([
  ['mine', 'mine'],
  ['mine.json', 'mine'],
  ['v1.2_final-3', 'v1.2_final-3'],
])('%j is the name %j', (given, name) => {
  expect(userName(given)).toBe(name);
});

test('manifests are told from the other files of the folder', () => {
  expect(nameOfManifest('mine.json')).toBe('mine');
  for (const other of ['latest_backup.json', '.gitignore', 'mine.txt', '.hidden.json', 'a b.json', '.json'])
    expect(nameOfManifest(other)).toBeUndefined();
});

test.each(['users', 'a/../../b', '..', '', 'Größe', 'a'.repeat(300), 'con:aux*?', 'parts/../..'])(
  'a part of the table %j has a path that stays inside',
  (table) => {
    const file = partFile(table, ID, '00f31c9e');
    expect(isPartFile(file)).toBe(true);
    expect(idOfPart(file)).toBe(ID);
    expect(file.split('/')).toHaveLength(2);
  },
);

test.each([
  ['users', 'users'],
  ['Order-items_2', 'Order-items_2'],
  ['a b/ü.', 'a%20b%2f%fc%2e'],
  ['😀', '%d83d%de00'],
  ['100%', '100%25'],
  ['', '%'],
  ['x'.repeat(81), 'x'.repeat(80)],
  ['ü'.repeat(40), '%fc'.repeat(40).slice(0, 80)],
])('parts of %j are called %s', (table, name) => {
  expect(partFile(table, ID, '00f31c9e')).toBe(`parts/${name}-${ID}-00f31c9e.jsonl`);
});

test.each([
  `parts/../a-${ID}-00f31c9e.jsonl`,
  `parts/..-${ID}-00f31c9e.jsonl`,
  `parts/${ID}-00f31c9e.jsonl`,
  `parts/-${ID}-00f31c9e.jsonl`,
  `/parts/a-${ID}-00f31c9e.jsonl`,
  `parts/a-${ID}-00f31c9e.jsonl\n`,
  `parts/a/b-${ID}-00f31c9e.jsonl`,
  `parts/a-${ID.toUpperCase()}-00f31c9e.jsonl`,
  `parts/${'a'.repeat(81)}-${ID}-00f31c9e.jsonl`,
  'parts/a-x.jsonl',
])('%j is no path of a part', (file) => {
  expect(isPartFile(file)).toBe(false);
});
