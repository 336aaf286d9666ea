import type { OverwinterError } from '../../core/errors.ts';
import { madeForDevelopment } from '../../core/problems/fakes.ts';
import { held } from '../../core/problems/loss.ts';
import type { Hold } from '../../local/hold.ts';
import type { Project } from '../project.ts';

/** Why no backup of a database is written while a hold stands. */
export function whyHeld(
  project: Pick<Project, 'database' | 'identity'>,
  { madeFor, time, reason }: Hold,
): OverwinterError {
  const { label } = project.database;
  return madeFor === undefined
    ? held(label, time, reason, namedBy(project))()
    : madeForDevelopment(label, madeFor.environment, madeFor.backup, namedBy(project))();
}

/** What a command names it with. The label of what is no file is none of its names; what its configuration or the call says is the same then. */
export const namedBy = ({ database: { file, label }, identity }: Pick<Project, 'database' | 'identity'>): string[] => {
  if (file !== undefined) return ['--db', label];
  return identity.isNamed ? ['--db', identity.name] : [];
};
