/** Whether whoever likes can read what is pushed to a remote; undefined where nobody knows. */
export type Visibility = 'public' | 'private';

/** `owner/name` of a repository on GitHub, whichever way its address is written; undefined elsewhere. */
export function githubRepository(remote: string | undefined): string | undefined {
  const found =
    /^(?:https?:\/\/(?:[^/@]*@)?github\.com\/|ssh:\/\/git@github\.com(?::\d+)?\/|(?:\w+@)?github\.com:)([^/]+\/[^/]+?)(?:\.git)?\/?$/i;
  return found.exec(remote ?? '')?.[1];
}

/** What people call a remote that everybody can read; undefined for any other. */
export const publicName = (remote: string | undefined, visibility: Visibility | undefined): string | undefined =>
  visibility === 'public' ? (githubRepository(remote) ?? 'the remote') : undefined;

/** What GitHub says of a repository, in an event that starts a workflow or in its answer to who asks for it. */
export function visibilityIn(said: unknown, repository: string): Visibility | undefined {
  if (typeof said !== 'object' || said === null) return undefined;
  const about: Record<string, unknown> = { ...('repository' in said ? Object(said.repository) : said) };
  if (String(about.full_name).toLowerCase() !== repository.toLowerCase()) return undefined;
  if (typeof about.visibility === 'string') return about.visibility === 'public' ? 'public' : 'private';
  return typeof about.private === 'boolean' ? (about.private ? 'private' : 'public') : undefined;
}
