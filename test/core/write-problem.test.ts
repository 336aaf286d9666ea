import { expect, test } from 'vitest';
import { writeProblem } from '../../src/core/write-problem.ts';

const failed = (code: string) => Object.assign(new Error('it failed'), { code });

test.each([
  ['ENOSPC', 'DISK_FULL'],
  ['EDQUOT', 'DISK_FULL'],
  ['EROFS', 'NOT_WRITABLE'],
  ['EACCES', 'NOT_WRITABLE'],
  // Newer Nodes have no word for a read-only disk where a folder is removed.
  ['', 'NOT_WRITABLE'],
])('what the system calls %j is %s', (code, ours) => {
  expect(writeProblem('backups', failed(code))).toMatchObject({ code: ours });
});

test.each([failed('EMFILE'), new Error('of no system'), 'no error'])('all else stays what it is', (error) => {
  expect(writeProblem('backups', error)).toBe(error);
});
