import { basename, dirname, join } from 'node:path';
import { type Command, git, inTurn, program } from '../../../core/hint.ts';
import { detectHookSystem, type HookSystem } from '../../init/hook-system.ts';
import type { Check, Finding } from '../check.ts';
import type { Facts } from '../facts.ts';

/** A hook that is written down somewhere runs only where git was told of it, and git is told anew in every clone. */
export const hookRuns: Check = {
  id: 'hook-runs',
  fine: 'git runs the hook in this clone',
  look(facts) {
    const { survey, inGit } = facts;
    if (survey === undefined || inGit === undefined) return undefined;
    const system = detectHookSystem(survey);
    if (system.kind === 'husky') return huskyRuns(facts, system.folder);
    const tool = TOOLS[system.kind];
    if (tool === undefined) return undefined;
    const { hooksPath, hooksFolder } = survey;
    const script = survey.files.get(join(hooksFolder ?? '', 'pre-commit')) ?? '';
    if (tool.mark.test(script)) return [];
    if (hooksPath !== undefined) {
      const scope = inGit.hooksPathScope === 'local' ? [] : [`--${inGit.hooksPathScope ?? 'local'}`];
      const text = `core.hooksPath has git look for hooks in ${hooksPath}, which shadows what ${system.kind} installs.`;
      return [
        { level: 'failure', text, fix: inTurn(git('config', ...scope, '--unset', 'core.hooksPath'), tool.install) },
      ];
    }
    const text = `${system.kind} was not installed in this clone, or not since the hook was added: git does not run it.`;
    return [{ level: 'failure', text, fix: tool.install }];
  },
};

interface Tool {
  readonly mark: RegExp;
  readonly install: Command;
}

const TOOLS: Partial<Record<HookSystem['kind'], Tool>> = {
  lefthook: { mark: /lefthook/, install: program('npx', 'lefthook', 'install') },
  'simple-git-hooks': { mark: /overwinter/, install: program('npx', 'simple-git-hooks') },
  'pre-commit.com': {
    mark: /pre-commit/,
    install: program('pre-commit', 'install', '-t', 'pre-commit', '-t', 'post-commit'),
  },
};

function huskyRuns({ survey, inGit, husky }: Facts, folder: string): Finding[] {
  const { hooksPath, under = '' } = survey ?? {};
  if (hooksPath !== undefined && inGit?.hooksFolderExists) return [];
  const why = inGit?.linked
    ? 'husky was never set up in this linked work tree, and what it makes is not committed'
    : under !== '' && basename(dirname(folder)) !== basename(survey?.top ?? '')
      ? 'husky runs only from the folder that holds .git, and was not set up from there'
      : 'husky is not set up in this clone';
  const install = husky.installed ? husky.command : inTurn(program('npm', 'install'), husky.command);
  return [{ level: 'failure', text: `${why.replace(/^./, (c) => c.toUpperCase())}: no hook runs.`, fix: install }];
}

/** `prepare` also runs in production installs, which leave husky out. */
export const prepareScript: Check = {
  id: 'prepare-script',
  fine: "'prepare' works without husky",
  look({ survey, path: named }) {
    if (survey === undefined || !survey.manifests.some(({ dependencies }) => dependencies.has('husky')))
      return undefined;
    return survey.manifests
      .filter(({ scripts }) => /(^|&&\s*)husky(\s+[\w./-]+)?\s*$/.test(scripts.prepare ?? ''))
      .map(({ path, scripts }) => ({
        level: 'warning',
        text: `'prepare' in ${named(path)} fails where husky is left out, as in a production install.`,
        fix: program(
          'npm',
          'pkg',
          'set',
          `scripts.prepare=${scripts.prepare} || true`,
          '--prefix',
          named(dirname(path)),
        ),
      }));
  },
};
