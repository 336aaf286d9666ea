import type { Check } from '../check.ts';

export const visibility: Check = {
  id: 'visibility',
  fine: 'nobody but you and those you let in can read the remote',
  look({ visibility: found }) {
    if (found === undefined) return undefined;
    if (found.who === 'not-anyone') return [];
    if (found.who === 'unknown')
      return [{ level: 'unknown', text: `Who may read the remote could not be found out: ${found.why}.` }];
    const text = `Anybody may read ${found.asked}: every row of every backup is public, for as long as history lasts.`;
    const [, owner] = /^https:\/\/github\.com\/(.+?)(\.git)?$/.exec(found.asked) ?? [];
    if (owner === undefined) return [{ level: 'warning', text, hint: 'Make it private in the settings of the forge.' }];
    const fix = `gh repo edit ${owner} --visibility private --accept-visibility-change-consequences`;
    return [{ level: 'warning', text, fix }];
  },
};
