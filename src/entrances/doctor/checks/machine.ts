import type { Check } from '../check.ts';

const OLDEST_NODE: readonly [major: number, minor: number] = [20, 12];

const INSTALL_GIT: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'brew install git',
  win32: 'winget install --id Git.Git',
};

export function isNewEnough(node: string): boolean {
  const [major = 0, minor = 0] = node.replace(/^v/, '').split('.').map(Number);
  const [oldest, least] = OLDEST_NODE;
  return major > oldest || (major === oldest && minor >= least);
}

export const nodeVersion: Check = {
  id: 'node-version',
  fine: 'Node is new enough',
  look({ machine: { node } }) {
    if (isNewEnough(node)) return [];
    const text = `Node ${node} is older than ${OLDEST_NODE.join('.')}, which Overwinter needs.`;
    return [{ level: 'failure', text, fix: 'nvm install 22' }];
  },
};

export const gitInstalled: Check = {
  id: 'git',
  fine: 'git is installed',
  look({ git, machine: { platform } }) {
    if (git !== undefined) return [];
    const text = 'No git was found on PATH: nothing is saved with a commit, and no part can be healed.';
    return [{ level: 'failure', text, fix: INSTALL_GIT[platform] ?? 'sudo apt-get install git' }];
  },
};
