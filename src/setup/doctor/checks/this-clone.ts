import type { Check } from '../check.ts';

/** Git takes no programs from a repository's files: every clone is told which merges the pointer. */
export const mergeDriver: Check = {
  id: 'merge-driver',
  fine: 'this clone knows how backups merge',
  look({ inGit, plan, run }) {
    if (inGit === undefined) return undefined;
    if (plan.settings.length === 0) return [];
    const text = 'This clone does not know the merge driver for latest_backup.json: merging branches may ask about it.';
    return [{ level: 'warning', text, fix: run('init'), repair: 'init' }];
  },
};

export const leftovers: Check = {
  id: 'leftovers',
  fine: 'no merge left anything behind',
  look({ inGit, run, name }) {
    if (inGit === undefined) return undefined;
    const { leftovers: files, waitsForResync, unmerged } = inGit;
    const [conflict] = unmerged;
    return [
      ...(files.length === 0
        ? []
        : [
            {
              level: 'warning' as const,
              text: 'A merge tool left files among the backups, and some of them look like backups.',
              fix: `rm -- ${files.map(name).join(' ')}`,
            },
          ]),
      ...(waitsForResync
        ? [
            {
              level: 'warning' as const,
              text: "A 'git commit -- path' left the index behind its commit, because no post-commit hook ran.",
              fix: run('hook post-commit'),
              repair: 'resync' as const,
            },
          ]
        : []),
      ...(conflict === undefined
        ? []
        : [
            {
              level: 'failure' as const,
              text: `Git waits for a conflict in ${unmerged.map(name).join(', ')} to be settled.`,
              fix: `${run('doctor --fix')}; git add -- ${unmerged.map(name).join(' ')}`,
              repair: 'pointer' as const,
            },
          ]),
    ];
  },
};
