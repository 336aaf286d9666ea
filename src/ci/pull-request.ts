import type { Environment } from '../git/repository.ts';

/** The pull request that a workflow runs for. */
export interface PullRequest {
  readonly number: number;
  /** The commit that it is to be merged into, and its branch. */
  readonly base: string;
  readonly into: string;
  /** From a repository of somebody else, who is given no right to write here. */
  readonly isFork: boolean;
  /** `owner/name`, and where it is asked about. */
  readonly repository: string;
  readonly api: string;
}

/** What GitHub says of the event, in the variables and the file that every step has; undefined for any other event. */
export function pullRequestOf(env: Environment, event: string | undefined): PullRequest | undefined {
  const { GITHUB_EVENT_NAME, GITHUB_REPOSITORY: repository, GITHUB_API_URL: api = 'https://api.github.com' } = env;
  if (GITHUB_EVENT_NAME !== 'pull_request' || repository === undefined || event === undefined) return undefined;
  const said = parsed(event)?.pull_request;
  const { sha, ref, repo } = said?.base ?? {};
  if (typeof said?.number !== 'number' || typeof sha !== 'string' || typeof ref !== 'string') return undefined;
  if (!/^[0-9a-f]{40,64}$/.test(sha)) return undefined;
  const from = said.head?.repo?.full_name;
  // The repository of a fork may be gone by now.
  const isFork = from === undefined || from !== (repo?.full_name ?? repository);
  return { number: said.number, base: sha, into: ref, isFork, repository, api };
}

interface Side {
  readonly sha?: unknown;
  readonly ref?: unknown;
  readonly repo?: { readonly full_name?: string } | null;
}

interface Event {
  readonly pull_request?: { readonly number?: unknown; readonly base?: Side; readonly head?: Side };
}

function parsed(event: string): Event | undefined {
  try {
    return JSON.parse(event);
  } catch {
    return undefined;
  }
}
