import { codeOf } from '../../../core/system-error.ts';
import type { Staged } from '../../engine.ts';
import { serverProblem } from '../connect-problem.ts';
import { stageHere } from './stage-here.ts';
import { stageInScratch } from './stage-in-scratch.ts';
import type { RestoreTarget } from './target.ts';

/**
 * What is put in the place of a database on a server. In the database itself nothing is touched before it is committed, and then all of it
 * happens in one transaction; in a scratch it is made at once, to be looked at.
 */
export function stage(target: RestoreTarget, how: 'replace' | 'fill', scratch: string | undefined): Staged {
  return withProblems(target.label, scratch === undefined ? stageHere(target, how) : stageInScratch(target, how));
}

/** What the server says, in our words. */
function withProblems(label: string, staged: Staged): Staged {
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw isServers(error) ? serverProblem(label, error) : error;
    }
  };
  return {
    load: (content, slices, onRows) => told(() => staged.load(content, slices, onRows)),
    complete: (leftOut) => told(() => staged.complete(leftOut)),
    counts: () => told(() => staged.counts()),
    read: (folder, select) => told(() => staged.read(folder, select)),
    commit: (how) => told(() => staged.commit(how)),
    discard: () => staged.discard(),
    where: () => staged.where?.(),
  };
}

/** Errors of callers, such as what keeps a copy of what is there, are theirs. A connection that ends says so in many ways. */
const isServers = (error: unknown) =>
  error instanceof Error &&
  ('severity' in error ||
    /^(ECONN|EPIPE|ETIMEDOUT|ERR_STREAM_)/.test(codeOf(error)) ||
    /^Connection (terminated|ended)|not queryable/i.test(error.message));
