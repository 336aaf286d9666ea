import { count } from '../core/words.ts';
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

export function commitMessage({ parts, commit }: CiReport): string {
  const done = parts.filter(({ problem }) => problem === undefined);
  const saved = done.flatMap(({ name, backup }) =>
    backup === undefined || backup.how === 'kept' ? [] : [{ name, backup }],
  );
  const aside = done.flatMap(({ refused }) => (refused === undefined ? [] : [refused.name]));
  const healed = done.flatMap((part) => part.healed);
  const removed = done.flatMap((part) => part.removed);
  const [first] = saved;
  const facts = [
    ...saved.map(({ name, backup }) =>
      saved.length === 1
        ? `${count(backup.rows, 'row')}, as they were deployed with ${commit}.`
        : `${name}: ${count(backup.rows, 'row')}, as they were deployed with ${commit}, in ${backup.name}.`,
    ),
    ...(healed.length === 0 ? [] : [`Parts brought back: ${healed.length}.`]),
    ...(removed.length === 0 ? [] : [`Old backups removed: ${removed.length}.`]),
  ];
  const what = saved.length === 1 ? first?.backup.name : saved.map(({ name }) => name).join(', ');
  const other = aside.length === 0 ? 'Tidy the backups' : `Keep aside ${aside.join(', ')}`;
  const subject = first === undefined ? other : `Save ${what}`;
  return [`${SKIP_FIRST} ${subject}`, ...(facts.length === 0 ? [] : [facts.join('\n')]), SKIP_OTHERS].join('\n\n');
}
