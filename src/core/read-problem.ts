import { notReadable } from './problems/machine.ts';
import { codeOf, isSystemError } from './system-error.ts';

/** Only these say that there is no such file. Every other error leaves open whether there is one, and what it holds. */
const ABSENT = ['ENOENT', 'ENOTDIR'];

const isAbsent = (error: unknown): boolean => ABSENT.includes(codeOf(error));

/** What the system said about a file that could not be read, in our words where it was the system. */
export function readProblem(path: string, error: unknown): unknown {
  return isSystemError(error) ? notReadable(path, codeOf(error))(error) : error;
}

/** For the end of a `catch`: undefined where there is no such file. Throws NOT_READABLE for what may be there. */
export function absentOr(path: string, error: unknown): undefined {
  if (isAbsent(error)) return undefined;
  throw readProblem(path, error);
}
