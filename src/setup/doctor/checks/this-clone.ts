import { git, inAnyCase, overwinter, program } from '../../../core/hint.ts';
import type { Check } from '../check.ts';

/** Git takes no programs from a repository's files: every clone is told which merges the pointer. */
export const mergeDriver: Check = {
  id: 'merge-driver',
  fine: 'this clone knows how backups merge',
  look({ inGit, plan }) {
    if (inGit === undefined) return undefined;
    if (plan.settings.length === 0) return [];
    const text = 'This clone does not know the merge driver for latest_backup.json: merging branches may ask about it.';
    return [{ level: 'warning', text, fix: overwinter('init'), repair: 'init' }];
  },
};

export const leftovers: Check = {
  id: 'leftovers',
  fine: 'no merge left files or conflicts behind',
  look({ inGit, path }) {
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
              fix: program('rm', '--', ...files.map(path)),
            },
          ]),
      ...(waitsForResync
        ? [
            {
              level: 'warning' as const,
              text: "A 'git commit -- path' left the index behind its commit, because no post-commit hook ran.",
              fix: overwinter('hook post-commit'),
              repair: 'resync' as const,
            },
          ]
        : []),
      ...(conflict === undefined
        ? []
        : [
            {
              level: 'failure' as const,
              text: `Git waits for a conflict in ${unmerged.map(path).join(', ')} to be settled.`,
              fix: inAnyCase(overwinter('doctor', '--fix'), git('add', '--', ...unmerged.map(path))),
              repair: 'pointer' as const,
            },
          ]),
    ];
  },
};
