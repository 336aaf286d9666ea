import { basename, dirname } from 'node:path';
import { startedBy } from '../../project/package-manager.ts';
import { planHookFiles } from './hook-files.ts';
import { detectHookSystem } from './hook-system.ts';
import { planLefthook } from './lefthook.ts';
import { EMPTY_PLAN, joinPlans, type Note, type Plan } from './plan.ts';
import { planPreCommitCom } from './pre-commit-com.ts';
import type { ProjectFacts } from './project-facts.ts';
import { hookLines } from './shell.ts';
import { planSimpleGitHooks } from './simple-git-hooks.ts';

/** Has whatever runs this project's hooks run Overwinter's too. */
export function planHooks(facts: ProjectFacts, name: string): Plan {
  const system = detectHookSystem(facts);
  switch (system.kind) {
    case 'none':
      return EMPTY_PLAN;
    case 'husky':
      return joinPlans(planHookFiles(facts, name, system.folder), {
        ...EMPTY_PLAN,
        notes: aboutHusky(facts, system.folder),
      });
    case 'hooks-path':
      return planHookFiles(facts, name, system.folder);
    case 'git':
      return joinPlans(planHookFiles(facts, name, system.folder), { ...EMPTY_PLAN, notes: [onlyHere(facts)] });
    case 'foreign-folder': {
      const text = `git looks for hooks in ${system.folder}, outside of this project, so they were left alone. In pre-commit:`;
      return { ...EMPTY_PLAN, notes: [{ text, lines: hookLines('pre-commit', facts.under) }] };
    }
    case 'lefthook':
      return planLefthook(facts, name, system.file);
    case 'simple-git-hooks':
      return planSimpleGitHooks(facts, system.file);
    case 'pre-commit.com':
      return planPreCommitCom(facts, name, system.file);
  }
}

const onlyHere = ({ manager }: ProjectFacts): Note => ({
  text: 'Git does not pass hooks on to other clones. Whoever clones this repository runs:',
  lines: [`${startedBy(manager)} init`],
});

function aboutHusky({ manifests, hooksPath, top }: ProjectFacts, folder: string): Note[] {
  const notes: Note[] = [];
  const fails = manifests.find(({ scripts }) => /(^|&&\s*)husky(\s+[\w./-]+)?\s*$/.test(scripts.prepare ?? ''));
  if (fails !== undefined) {
    const text = `'prepare' in ${fails.path} fails where husky is left out (exit 127 in a production install). Better:`;
    notes.push({ text, lines: [`"prepare": "${fails.scripts.prepare} || true"`] });
  }
  if (top !== undefined && hooksPath === undefined) {
    const where = dirname(folder) === top ? basename(folder) : folder.slice(top.length + 1);
    notes.push({
      text: 'husky is not active in this clone yet:',
      lines: [where === '.husky' ? 'npx husky' : `npx husky ${where}`],
    });
  }
  return notes;
}
