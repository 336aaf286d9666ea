import { diskFull, notWritable } from './problems/machine.ts';

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
// ENOENT is what making folders on a read-only disk says.
const CLOSED = ['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY'];

export const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** What the system said about a file that could not be written, in our words where there are some. */
export function writeProblem(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (FULL.includes(code)) return diskFull(path)(error);
  return CLOSED.includes(code) ? notWritable(path)(error) : error;
}
