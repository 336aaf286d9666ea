import { diskFull, notWritable } from './problems/machine.ts';

export const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '');

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
// ENOENT is what making folders on a read-only disk says.
const CLOSED = ['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY'];

/** What the system said about a file that could not be written, in our words where there are some. */
export function writeProblem(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (FULL.includes(code)) return diskFull(path)(error);
  return CLOSED.includes(code) || hasNoWord(error) ? notWritable(path)(error) : error;
}

/** Where newer Nodes remove a folder on a read-only disk, they have no word for that and give an empty one. */
const hasNoWord = (error: unknown) => error instanceof Error && 'code' in error && error.code === '';
