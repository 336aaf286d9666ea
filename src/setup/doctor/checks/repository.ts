import { git, inTurn, overwinter, program } from '../../../core/hint.ts';
import { addCommand } from '../../init/plan-notes.ts';
import type { Check } from '../check.ts';

export const repository: Check = {
  id: 'repository',
  fine: 'the project is in a git repository',
  look({ git: version, inGit, root }) {
    if (version === undefined) return undefined;
    if (inGit !== undefined) return [];
    const text = `${root} is in no git repository: backups have no history, and leave this machine with nothing.`;
    return [{ level: 'failure', text, fix: inTurn(git('init'), overwinter('init')) }];
  },
};

export const installed: Check = {
  id: 'installed',
  fine: 'Overwinter is installed in the project',
  look({ survey }) {
    if (survey === undefined) return undefined;
    if (survey.plugAndPlay) {
      const text = "Yarn's Plug'n'Play has no node_modules, where hooks look for Overwinter: they do nothing.";
      return [
        {
          level: 'failure',
          text,
          fix: inTurn(program('yarn', 'config', 'set', 'nodeLinker', 'node-modules'), program('yarn', 'install')),
        },
      ];
    }
    if (survey.installed) return [];
    const text = 'Overwinter is not in node_modules: the hook does nothing, in silence.';
    return [{ level: 'failure', text, fix: addCommand(survey) }];
  },
};
