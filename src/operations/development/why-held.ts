import type { OverwinterError } from '../../core/errors.ts';
import { madeForDevelopment } from '../../core/problems/fakes.ts';
import { held } from '../../core/problems/loss.ts';
import type { Hold } from '../../local/hold.ts';
import type { Project } from '../project.ts';

/** Why no backup of a database is written while a hold stands. */
export function whyHeld(
  { database: { label } }: Pick<Project, 'database'>,
  { madeFor, time, reason }: Hold,
): OverwinterError {
  return madeFor === undefined
    ? held(label, time, reason)()
    : madeForDevelopment(label, madeFor.environment, madeFor.backup)();
}
