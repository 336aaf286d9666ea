import { OverwinterError } from './errors.ts';
import { hint, overwinter } from './hint.ts';

/** What a guard refused, and where it can be had all the same. */
export function keptAside({ code, message }: OverwinterError, name: string, place: string): OverwinterError {
  return new OverwinterError(
    code,
    `${message} Nothing is lost: it is kept aside in ${place} as ${name}.`,
    hint`Look at both where ${place} is checked out: ${overwinter('diff', 'latest', name)}; what is to go on is what ${overwinter('restore', name)} or ${overwinter('restore', 'latest')} brings back.`,
  );
}

/** Whether a guard refused something because of the rows that would be lost. */
export const isLoss = (error: unknown): error is OverwinterError =>
  error instanceof OverwinterError && (error.code === 'BACKUP_EMPTY' || error.code === 'BACKUP_SHRUNK');
