import type { Happening } from '../core/alarms/standing.ts';
import { problemOf } from '../core/errors.ts';
import { failed, succeeded } from '../notify/what-happened.ts';
import type { Project } from '../operations/project.ts';
import type { CiReport } from './report.ts';

/** What alarms are to hear of a run, about one database. */
export function happeningsOf(
  report: CiReport,
  project: Project,
  { root, environment = 'ci' }: { readonly root: string; readonly environment: string | undefined },
): readonly Happening[] {
  const part = report.parts.find(({ name }) => name === project.identity.name);
  const problem = report.problem ?? part?.problem;
  const about = (subject: 'backup' | 'verify') => ({ project: { ...project, environment }, root, subject });
  if (problem !== undefined) {
    // Then nothing was pushed, and that is why.
    const subject = problemOf(problem).code === 'VERIFY_FAILED' ? 'verify' : 'backup';
    return [failed(about(subject), problem)].filter((each) => each !== undefined);
  }
  if (part === undefined) return [];
  const isNew = part.backup?.how === 'saved';
  return [succeeded(about('backup'), isNew), ...(part.verified?.ok ? [succeeded(about('verify'))] : [])];
}
