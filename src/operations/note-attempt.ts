import { EXIT_CODES, OverwinterError, problemOf } from '../core/errors.ts';
import { noteFailure } from '../local/attempt.ts';
import type { Project } from './project.ts';

/** Remembers on this machine that the rows were not saved, and why, until they are: every way to save them tells it here. */
export function noteFailedAttempt(project: Project, trigger: string, error: unknown): void {
  const refused = error instanceof OverwinterError && EXIT_CODES[error.code] === EXIT_CODES.BACKUP_SHRUNK;
  noteFailure(project.local, project.database.id, problemOf(error), { time: project.now(), trigger, refused });
}
