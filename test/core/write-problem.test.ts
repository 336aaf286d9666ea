import { expect, test } from 'vitest';
import { systemProblem } from '../../src/core/system-problem.ts';
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

test('what has run out is said, so that nobody looks for a right that is missing', () => {
  const problem = writeProblem('backups', failed('EMFILE'));
  expect(problem).toMatchObject({ code: 'NOT_WRITABLE', message: expect.stringMatching(/files/i) });
});

test.each([new Error('of no system'), 'no error'])('all else stays what it is', (error) => {
  expect(writeProblem('backups', error)).toBe(error);
});

const refused = (syscall: string, code: string) => Object.assign(failed(code), { syscall, path: 'somewhere' });

test.each([
  ['lstat', 'EACCES', 'NOT_READABLE'],
  ['scandir', 'EIO', 'NOT_READABLE'],
  ['unlink', 'EIO', 'NOT_WRITABLE'],
  ['write', 'ENOSPC', 'DISK_FULL'],
])('what the system refused to %s (%s) where nobody thought of it is %s', (syscall, code, ours) => {
  expect(systemProblem(refused(syscall, code))).toMatchObject({
    code: ours,
    message: expect.stringMatching('somewhere'),
  });
});

test.each([refused('open', 'ENOENT'), failed('EACCES'), new Error('of no system'), 'no error'])(
  'a fault of ours stays one',
  (error) => {
    expect(systemProblem(error)).toBe(error);
  },
);
