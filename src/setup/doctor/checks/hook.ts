import { join, relative } from 'node:path';
import { git, inTurn, overwinter, program, shell } from '../../../core/hint.ts';
import { detectHookSystem, type HookSystem } from '../../init/hook-system.ts';
import type { Check, Finding } from '../check.ts';
import type { Facts } from '../facts.ts';

/** Whether the script that git would run, or what it runs, calls Overwinter at all. */
export const hook: Check = {
  id: 'hook',
  fine: 'the hook saves the data with every commit',
  look(facts) {
    const { survey, inGit } = facts;
    if (survey === undefined || inGit === undefined) return undefined;
    const system = detectHookSystem(survey);
    switch (system.kind) {
      case 'none':
        return undefined;
      case 'foreign-folder':
        return inForeignFolder(facts, system.folder);
      case 'husky':
      case 'hooks-path':
      case 'git':
        return inScript(facts, system);
      default:
        return inFile(facts, system.file);
    }
  },
};

const mentions = (text: string | undefined) => text?.includes('overwinter') === true;

function inForeignFolder({ survey, inGit }: Facts, folder: string): Finding[] {
  if (mentions(survey?.files.get(join(folder, 'pre-commit')))) return [];
  const { hooksPathScope } = inGit ?? {};
  // What everybody's repositories share is left as it is; this one is told to look at its own.
  const own = shell`git config core.hooksPath "$(git rev-parse --git-common-dir)/hooks"`;
  const unset = hooksPathScope === 'local' ? git('config', '--unset', 'core.hooksPath') : own;
  const text = `git looks for hooks in ${folder} (core.hooksPath, ${hooksPathScope ?? 'set'}), outside of this project: its own never run.`;
  return [{ level: 'failure', text, fix: inTurn(unset, overwinter('init')) }];
}

function inScript(
  facts: Facts,
  { kind, folder }: { readonly kind: HookSystem['kind']; readonly folder: string },
): Finding[] {
  const { survey, inGit, hooks, path: named } = facts;
  const path = join(folder, 'pre-commit');
  const script = survey?.files.get(path);
  const outdated = hooks.edits.length > 0;
  if (!mentions(script)) {
    if (!outdated) {
      const [note] = hooks.notes;
      return [
        {
          level: 'failure',
          text: note?.text ?? `${path} does not run Overwinter.`,
          hint: [(note?.lines ?? []).join('\n')],
        },
      ];
    }
    const shadowed = kind === 'hooks-path' && mentions(inGit?.usualHook);
    const where = relative(facts.root, folder).replaceAll('\\', '/');
    const text = shadowed
      ? `The hook is in .git/hooks, and core.hooksPath has git look in ${where}: no commit saves the data.`
      : `There is no hook in ${where}: no commit saves the data.`;
    return [{ level: 'failure', text, fix: overwinter('init'), repair: 'init' }];
  }
  if (kind !== 'husky' && survey?.notExecutable.has(path)) {
    const text = `${relative(facts.root, path)} may not be executed, so git passes it over.`;
    return [{ level: 'failure', text, fix: program('chmod', '+x', named(path)) }];
  }
  if (!outdated) return [];
  const text = 'The hook is not the one this version would write.';
  return [{ level: 'warning', text, fix: overwinter('init'), repair: 'init' }];
}

function inFile({ survey, hooks, root }: Facts, file: string): Finding[] {
  const where = relative(root, file);
  const known = mentions(survey?.files.get(file)) || hooks.edits.length === 0;
  if (hooks.edits.length > 0) {
    const text = known
      ? `${where} does not say what this version would write.`
      : `${where} does not run Overwinter: no commit saves the data.`;
    return [{ level: known ? 'warning' : 'failure', text, fix: overwinter('init'), repair: 'init' }];
  }
  if (mentions(survey?.files.get(file))) return [];
  const [note] = hooks.notes;
  return [
    {
      level: 'failure',
      text: note?.text ?? `${where} does not run Overwinter.`,
      hint: [(note?.lines ?? []).join('\n')],
    },
  ];
}
