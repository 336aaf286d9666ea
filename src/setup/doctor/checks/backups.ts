import { git, hint, inTurn, overwinter, program } from '../../../core/hint.ts';
import type { Check, Finding } from '../check.ts';

export const pointer: Check = {
  id: 'pointer',
  fine: 'the pointer names the newest backup',
  look({ status: { newest }, pointer: problem, inGit }) {
    if (newest === undefined) return undefined;
    // On a branch beside the default one the pointer is left where it was, so that branches merge.
    const meant = inGit !== undefined && !inGit.onDefaultBranch && problem?.includes('names');
    if (problem === undefined || meant) return [];
    const text = `${problem.replace(/^t/, 'T')}. Nothing is lost: the newest backup is found without it.`;
    return [{ level: 'warning', text, fix: overwinter('doctor', '--fix'), repair: 'pointer' }];
  },
};

/** Nobody knows what is in what could not be read: it may be the newest backup, and nothing is made good about it here. */
export const lookedAt: Check = {
  id: 'looked-at',
  fine: 'everything in the backups could be looked at',
  look({ hindered, status: { newest } }) {
    if (newest === undefined && hindered.length === 0) return undefined;
    return hindered.map(({ text, hint }) => ({ level: 'failure', text, hint }));
  },
};

export const readable: Check = {
  id: 'readable',
  fine: 'every backup can be read',
  look({ status: { unreadable, newest, backups }, inGit, path }) {
    if (newest === undefined && unreadable.length === 0) return undefined;
    const level = backups === 0 ? 'failure' : 'warning';
    if (inGit === undefined)
      return unreadable.map(({ reason }) => ({
        level,
        text: reason,
        hint: hint`Bring the file back from wherever it is kept.`,
      }));
    const left = new Set(inGit.leftovers);
    return inGit.unreadable
      .filter(({ path: at }) => !left.has(at))
      .map(({ path: at, reason, state }): Finding => {
        const file = path(at);
        const brings = {
          changed: git('checkout', '-q', 'HEAD', '--', file),
          committed: git('rm', '-q', '--', file),
          untracked: program('rm', '--', file),
        };
        return { level, text: reason, fix: brings[state] };
      });
  },
};

export const parts: Check = {
  id: 'parts',
  fine: 'every part that a backup names is there',
  look({ status: { newest }, broken, inGit, hasRows }) {
    if (newest === undefined) return undefined;
    const level = broken.some((part) => part.newest) ? 'failure' : 'warning';
    const there = broken.filter((part) => part.inGit);
    const gone = broken.filter((part) => !part.inGit);
    const findings: Finding[] = [];
    const some = (list: typeof broken) =>
      list.length === 1 ? `The part ${list[0]?.file} is` : `${list.length} parts are`;
    if (there.length > 0) {
      const text = `${some(there)} missing or cut, and git still has ${there.length === 1 ? 'it' : 'them'}.`;
      findings.push({ level, text, fix: overwinter('verify', '--all'), repair: 'parts' });
    }
    if (gone.length > 0) {
      const text = `${some(gone)} missing or cut, and not among git's objects here.`;
      if (inGit?.shallow)
        findings.push({ level, text, fix: inTurn(git('fetch', '-q', '--unshallow'), overwinter('verify', '--all')) });
      else if (gone.some((part) => part.newest) && hasRows)
        findings.push({ level, text, fix: overwinter('doctor', '--fix'), repair: 'rows' });
      else
        findings.push({
          level,
          text,
          hint: hint`${overwinter('verify', '--all')} names the backups that cannot be restored any more.`,
        });
    }
    return findings;
  },
};
