import { readProblem } from './read-problem.ts';
import { codeOf, isSystemError } from './system-error.ts';
import { writeProblem } from './write-problem.ts';

/** Calls that only look. */
const LOOKING = [
  'access',
  'fstat',
  'lstat',
  'open',
  'opendir',
  'read',
  'readlink',
  'realpath',
  'scandir',
  'stat',
  'statfs',
];

/**
 * What the system refused somewhere that nobody thought of, in our words. Any call may fail while a disk does; what is not there, where
 * nobody asked whether it was, is a fault of ours and stays what it is.
 */
export function systemProblem(error: unknown): unknown {
  if (!(error instanceof Error && 'path' in error && 'syscall' in error) || !isSystemError(error)) return error;
  if (codeOf(error) === 'ENOENT') return error;
  const path = String(error.path);
  return LOOKING.includes(String(error.syscall)) ? readProblem(path, error) : writeProblem(path, error);
}
