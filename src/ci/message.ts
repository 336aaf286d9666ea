import type { CiReport } from './report.ts';

/** Who commits: the account GitHub shows for what its own runners do. */
export const CI_IDENTITY = {
  name: 'github-actions[bot]',
  email: '41898282+github-actions[bot]@users.noreply.github.com',
} as const;

/**
 * A commit that only carries data must not build or deploy the app again, wherever it is hosted. GitHub, GitLab, CircleCI,
 * Netlify and Cloudflare heed the first, and Cloudflare only at the beginning.
 */
const SKIP_FIRST = '[skip ci]';
const SKIP_OTHERS = '[skip render] [skip netlify] [skip railway] [skip-cd]';

export function commitMessage({ backup, commit, healed, removed }: CiReport): string {
  const saved = backup?.how === 'kept' ? undefined : backup;
  const facts = [
    ...(saved === undefined ? [] : [`${saved.rows} rows, as they were deployed with ${commit}.`]),
    ...(healed.length === 0 ? [] : [`Parts brought back: ${healed.length}.`]),
    ...(removed.length === 0 ? [] : [`Old backups removed: ${removed.length}.`]),
  ];
  const subject = saved === undefined ? 'Tidy the backups' : `Save ${saved.name}`;
  return [`${SKIP_FIRST} ${subject}`, ...(facts.length === 0 ? [] : [facts.join('\n')]), SKIP_OTHERS].join('\n\n');
}
