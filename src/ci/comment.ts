import { commentRefused } from '../core/problems/git.ts';
import type { PullRequest } from './pull-request.ts';

const PATIENCE_MS = 20_000;
const A_PAGE = 100;
/** Whoever has more comments than that reads none of ours. */
const MOST_PAGES = 30;

export interface Comment {
  /** Tells our comment, and whose app it is about, from all others. It is not seen. */
  readonly mark: string;
  readonly body: string;
  /** Whether one is to be made where there is none yet. */
  readonly isWorthIt: boolean;
}

/** Where a pull request is asked about. */
export interface Asking {
  readonly fetch: typeof fetch;
  readonly token: string;
}

/**
 * Keeps one comment of a pull request up to date: makes it, or writes it anew. Says what it did. Throws PUSH_REFUSED where that is not
 * allowed, or nobody answers.
 */
export async function keepComment(
  pull: PullRequest,
  { mark, body, isWorthIt }: Comment,
  asking: Asking,
): Promise<'made' | 'changed' | 'same' | 'none'> {
  const text = `${mark}\n${body}`;
  const ours = await findComment(pull, mark, asking);
  if (ours?.body === text) return 'same';
  if (ours === undefined && !isWorthIt) return 'none';
  const path = ours === undefined ? `issues/${pull.number}/comments` : `issues/comments/${ours.id}`;
  await ask(pull, path, asking, {
    method: ours === undefined ? 'POST' : 'PATCH',
    body: JSON.stringify({ body: text }),
  });
  return ours === undefined ? 'made' : 'changed';
}

interface Found {
  readonly id: number;
  readonly body: string;
}

interface Said {
  readonly id?: unknown;
  readonly body?: unknown;
  readonly user?: { readonly type?: unknown } | null;
}

/** One that a workflow wrote: somebody's who copied the mark is left alone. */
async function findComment(pull: PullRequest, mark: string, asking: Asking): Promise<Found | undefined> {
  for (let page = 1; page <= MOST_PAGES; page++) {
    const path = `issues/${pull.number}/comments?per_page=${A_PAGE}&page=${page}`;
    const comments: readonly Said[] = JSON.parse(await (await ask(pull, path, asking, {})).text());
    for (const { id, body, user } of comments) {
      const isBots = user?.type === 'Bot';
      if (isBots && typeof id === 'number' && typeof body === 'string' && body.startsWith(mark)) return { id, body };
    }
    if (comments.length < A_PAGE) return undefined;
  }
  return undefined;
}

async function ask(
  { api, repository, number }: PullRequest,
  path: string,
  { fetch, token }: Asking,
  request: RequestInit,
): Promise<Response> {
  const refused = (reason: string) => commentRefused(number, reason);
  const answer = await fetch(`${api}/repos/${repository}/${path}`, {
    ...request,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'user-agent': 'overwinter',
      'x-github-api-version': '2022-11-28',
    },
    // A token is for whom it was given to.
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: unknown) => {
    throw refused('nobody answers')(error);
  });
  if (!answer.ok) throw refused(`the answer is ${answer.status}`)();
  return answer;
}
