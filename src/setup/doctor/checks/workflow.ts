import { git, hint, inTurn, overwinter } from '../../../core/hint.ts';
import type { Check } from '../check.ts';

export const workflow: Check = {
  id: 'workflow',
  fine: 'a workflow keeps what is deployed',
  look({ survey, inGit, workflows }) {
    if (inGit === undefined || survey?.remote === undefined || !survey.remote.includes('github')) return undefined;
    if (workflows.length > 0) return [];
    const text = 'No workflow runs Overwinter: nothing is verified on push, and nothing says when backups stop coming.';
    return [{ level: 'warning', text, fix: overwinter('init'), repair: 'init' }];
  },
};

const DAY_MS = 86_400_000;
const QUIET_DAYS = 45;

/** GitHub stops schedules after 60 days without activity, and tells few people. */
export const schedule: Check = {
  id: 'schedule',
  fine: 'the repository is active enough for its schedule',
  look({ inGit, workflows, now }) {
    if (inGit === undefined || !workflows.some((text) => /^\s+schedule:/m.test(text))) return undefined;
    const { lastActivity } = inGit;
    const days = lastActivity === undefined ? 0 : Math.floor((now.getTime() - lastActivity.getTime()) / DAY_MS);
    if (days < QUIET_DAYS) return [];
    const text = `Nothing was pushed for ${days} days, and after 60 GitHub stops the check that runs every day.`;
    const fix = inTurn(git('commit', '--allow-empty', '-m', 'Keep the daily check alive'), git('push'));
    return [
      { level: 'warning', text, fix, hint: hint`One that was stopped is started again under Actions on GitHub.` },
    ];
  },
};
