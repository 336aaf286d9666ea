import { basename } from 'node:path';
import type { Subject, Whose } from '../core/alarms/alarm.ts';
import type { Happening } from '../core/alarms/standing.ts';
import { type Problem, problemOf } from '../core/errors.ts';
import type { Project } from '../operations/project.ts';

export const whoseIs = ({ identity, environment }: Project, root: string): Whose => ({
  project: basename(root) || 'project',
  database: identity.name,
  environment,
});

export interface About {
  readonly project: Project;
  /** The folder of the project. */
  readonly root: string;
  readonly subject: Subject;
  /** The place it is about, where that is not the folder. */
  readonly store?: string | undefined;
}

export const succeeded = (about: About, isNew = false): Happening => ({ ...what(about), ...(isNew ? { isNew } : {}) });

/** The call was wrong, or somebody else was at it: nothing to wake anybody for. */
const NO_ALARM = ['USAGE', 'NAME_INVALID', 'NAME_TAKEN', 'BUSY', 'BACKUP_NOT_FOUND', 'NOT_CONFIRMED'];

export const failed = (about: About, error: unknown) => failedBy(about, problemOf(error));

export function failedBy(about: About, { code }: Pick<Problem, 'code'>): Happening | undefined {
  return NO_ALARM.includes(code) ? undefined : { ...what(about), code };
}

const what = ({ project, root, subject, store }: About) => ({
  ...whoseIs(project, root),
  subject,
  ...(store === undefined ? {} : { store }),
  stores: (project.remotes ?? []).map(({ label }) => label),
});

/** Who brings something to a place that is not configured, or looks into one, is there and sees what comes of it. */
export const isConfigured = ({ remotes = [] }: Project, store: string) => remotes.some(({ label }) => label === store);
