import { hint, overwinter, program } from '../../../core/hint.ts';
import type { Check } from '../check.ts';

export const visibility: Check = {
  id: 'visibility',
  fine: 'nobody but you and those you let in can read the backups in the remote',
  look({ visibility: found, plain }) {
    if (found === undefined) return undefined;
    if (found.who === 'not-anyone') return [];
    if (found.who === 'unknown')
      return [{ level: 'unknown', text: `Who may read the remote could not be found out: ${found.why}.` }];
    if (plain === 0) return [];
    if (plain !== undefined) {
      const some = plain === 1 ? 'one backup' : `${plain} backups`;
      const text = `Anybody may read ${found.asked}, and ${some} in it or its history ${plain === 1 ? 'is' : 'are'} not encrypted.`;
      const next = hint`${overwinter('keys rotate')} encrypts what is kept; what was committed before stays in the history until that is rewritten.`;
      return [{ level: 'warning', text, hint: next }];
    }
    const text = `Anybody may read ${found.asked}: every row of every backup is public, for as long as history lasts.`;
    const [, owner] = /^https:\/\/github\.com\/(.+?)(\.git)?$/.exec(found.asked) ?? [];
    if (owner === undefined)
      return [{ level: 'warning', text, hint: hint`Make it private in the settings of the forge.` }];
    const fix = program(
      'gh',
      'repo',
      'edit',
      owner,
      '--visibility',
      'private',
      '--accept-visibility-change-consequences',
    );
    return [{ level: 'warning', text, fix }];
  },
};
