import { bringsBinary, mayEndWhatIsBuilt, partsOf, runsBinary } from '../../../core/driver-fit.ts';
import { type Command, program } from '../../../core/hint.ts';
import type { Check } from '../check.ts';

const OLDEST_NODE: readonly [major: number, minor: number] = [20, 12];

const INSTALL_GIT: Partial<Record<NodeJS.Platform, Command>> = {
  darwin: program('brew', 'install', 'git'),
  win32: program('winget', 'install', '--id', 'Git.Git'),
};

export function isNewEnough(node: string): boolean {
  const [major, minor] = partsOf(node);
  const [oldest, least] = OLDEST_NODE;
  return major > oldest || (major === oldest && minor >= least);
}

export const nodeVersion: Check = {
  id: 'node-version',
  fine: 'Node is new enough',
  look({ machine: { node } }) {
    if (isNewEnough(node)) return [];
    const text = `Node ${node} is older than ${OLDEST_NODE.join('.')}, which Overwinter needs.`;
    return [{ level: 'failure', text, fix: program('nvm', 'install', '22') }];
  },
};

export const driverFits: Check = {
  id: 'driver',
  fine: 'the SQLite driver is made for this Node',
  look({ machine: { driver, node, nodeApi } }) {
    if (driver === undefined) return undefined;
    const found = (does: string, version: number) => {
      const text = `On Node ${node.replace(/^v/, '')} better-sqlite3 ${driver} ${does}.`;
      return [{ level: 'failure', text, fix: program('npm', 'install', `better-sqlite3@${version}`) } as const];
    };
    if (!bringsBinary(driver))
      return mayEndWhatIsBuilt(node) ? found('may end any process that uses it, at any time', 13) : [];
    return runsBinary(nodeApi) ? [] : found('does not run', 12);
  },
};

export const gitInstalled: Check = {
  id: 'git',
  fine: 'git is installed',
  look({ git, machine: { platform } }) {
    if (git !== undefined) return [];
    const text = 'No git was found on PATH: nothing is saved with a commit, and no part can be healed.';
    return [{ level: 'failure', text, fix: INSTALL_GIT[platform] ?? program('sudo', 'apt-get', 'install', 'git') }];
  },
};
