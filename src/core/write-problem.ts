import { diskFull, notWritable } from './problems/machine.ts';
import { codeOf, isSystemError } from './system-error.ts';

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** What the system said about a file that could not be written, in our words where it was the system. */
export function writeProblem(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (FULL.includes(code)) return diskFull(path)(error);
  return isSystemError(error) || hasNoWord(error) ? notWritable(path, code)(error) : error;
}

/** Where newer Nodes remove a folder on a read-only disk, they have no word for that and give an empty one. */
const hasNoWord = (error: unknown) => error instanceof Error && 'code' in error && error.code === '';
