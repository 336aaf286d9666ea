import { expect, test } from 'vitest';
import { readPointer, writePointer } from '../../src/format/pointer.ts';

const POINTER = {
  name: 'mine',
  digest: 'sha256:00',
  backup_date: '2026-11-20T23:15:00.000Z',
  rows: 3,
  tables: { notes: 1, users: 2 },
};

test('a pointer is read as it was written', () => {
  expect(readPointer(writePointer(POINTER))).toEqual(POINTER);
  expect(writePointer(POINTER).endsWith('}\n')).toBe(true);
});

const text = writePointer(POINTER);

test.each([
  ['nothing', ''],
  ['half of one', text.slice(0, -20)],
  ['a conflict', `<<<<<<< HEAD\n${text}=======\n${text}>>>>>>> main\n`],
  ['a list', '[]'],
  ['null', 'null'],
  ['the document of another tool', '{"metadata": {}, "data": {}}'],
  ['one without a name', text.replace('"name"', '"nom"')],
  ['one with rows that are no number', text.replace('"rows": 3', '"rows": "3"')],
])('%s is no pointer', (_, source) => {
  expect(readPointer(source)).toBeUndefined();
});

test('each table has a line of its own, so that a diff names those that changed', () => {
  const lines = writePointer(POINTER).split('\n');
  expect(lines).toContain('    "notes": 1,');
  expect(lines).toContain('    "users": 2');
});

test('one with counts that are none is still a pointer', () => {
  const { tables: _, ...others } = POINTER;
  expect(readPointer(text.replace('"users": 2', '"users": "2"'))).toEqual(others);
});

test('very many tables are left out: nobody would read the pointer then', () => {
  const { tables: _, ...others } = POINTER;
  const tables = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`table ${i}`, i]));
  expect(readPointer(writePointer({ ...POINTER, tables }))).toEqual(others);
});
