import { appendFile } from 'node:fs/promises';
import { reasonOf } from '../core/errors.ts';
import type { Environment } from '../git/repository.ts';
import { diffRevisions } from '../operations/diff-revisions.ts';
import { placeInRepository } from '../operations/in-git.ts';
import type { Project } from '../operations/project.ts';
import { keepComment } from './comment.ts';
import type { PullRequest } from './pull-request.ts';
import { type Changed, isWorthAComment, pullRequestPage } from './pull-request-page.ts';
import type { CiReport } from './report.ts';

const ROWS_SHOWN = 5;
const DONE = {
  made: 'A comment on the pull request says what it does to the rows.',
  changed: 'The comment on the pull request was written anew.',
  same: 'The comment on the pull request says so already.',
  none: 'The pull request changes no row, so there is no comment on it.',
} as const;

/**
 * Says what a pull request does to the rows: in the summary of the job, and in a comment where one may be written. Gives what is to be said of
 * that, and whether it is a warning: a comment that cannot be written fails nothing.
 */
export async function tellReviewers(
  projects: readonly [Project, ...Project[]],
  report: CiReport,
  pull: PullRequest,
  env: Environment,
): Promise<{ readonly text: string; readonly isWarning: boolean }> {
  const changes: Changed[] = [];
  for (const project of projects) {
    const part = report.parts.find(({ name }) => name === project.identity.name);
    if (part !== undefined) changes.push({ part, diff: await compared(project, pull) });
  }
  const body = pullRequestPage(changes);
  if (env.GITHUB_STEP_SUMMARY) await appendFile(env.GITHUB_STEP_SUMMARY, `\n${body}\n`);
  if (pull.isFork) return told('No comment was written: a pull request from a fork may not write here.');
  const token = env.OVERWINTER_GIT_TOKEN ?? '';
  // What a header cannot hold would be told in the error.
  if (!/^[\x21-\x7e]+$/.test(token))
    return told('No comment was written: there is no token in OVERWINTER_GIT_TOKEN.', true);
  const comment = {
    mark: `<!-- overwinter: ${await markOf(projects[0])} -->`,
    body,
    isWorthIt: isWorthAComment(changes),
  };
  try {
    return told(DONE[await keepComment(pull, comment, { fetch, token })]);
  } catch (error) {
    return told(reasonOf(error), true);
  }
}

/** Apps of one repository have a comment each, however their databases are called. */
async function markOf(project: Project): Promise<string> {
  const place = await placeInRepository(project);
  return `${place?.inside ?? ''} ${project.identity.name}`.replaceAll('--', '- -');
}

const told = (text: string, isWarning = false) => ({ text, isWarning });

async function compared(project: Project, { base }: PullRequest): Promise<Changed['diff']> {
  try {
    return await diffRevisions(project, `${base}...HEAD`, undefined, ROWS_SHOWN);
  } catch (error) {
    return { why: reasonOf(error) };
  }
}
