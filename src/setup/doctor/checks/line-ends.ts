import { overwinter } from '../../../core/hint.ts';
import type { Check } from '../check.ts';

/** Parts are named by the hash of their bytes: a line end that git changes makes them damaged. */
export const lineEnds: Check = {
  id: 'line-ends',
  fine: 'git leaves the bytes of backups alone',
  look({ inGit, status, path, dir }) {
    if (inGit === undefined || status.backups === 0) return undefined;
    if (inGit.keepsBytes) return [];
    const text = `${path(dir)}/.gitattributes does not keep git from changing what it takes in, line ends on Windows for one: backups would be damaged.`;
    return [
      { level: inGit.converts ? 'failure' : 'warning', text, fix: overwinter('doctor', '--fix'), repair: 'attributes' },
    ];
  },
};
