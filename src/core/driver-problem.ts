import type { OverwinterError } from './errors.ts';
import { driverNotBuilt } from './problems/database.ts';
import { codeOf } from './write-problem.ts';

/**
 * The driver's binary belongs to one version of Node, and some installers build nothing unless they are told to. It is missed only
 * when the first database is opened.
 */
export function driverProblem(error: unknown): OverwinterError | undefined {
  const isMissing = error instanceof Error && error.message.startsWith('Could not locate the bindings file');
  return isMissing || codeOf(error) === 'ERR_DLOPEN_FAILED' ? driverNotBuilt()(error) : undefined;
}
