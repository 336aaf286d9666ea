import { storeInvalid } from '../../core/problems/stores.ts';
import { withoutSecrets } from '../../core/secrets.ts';
import type { StoreKind } from '../kind.ts';
import { openPlace } from './live-branch.ts';

const EXAMPLE = "'gist:0123456789abcdef0123456789abcdef' or 'gist:https://git.example.com/you/app.git'";
const invalid = (what: string) => storeInvalid('gist', what, EXAMPLE)();

/**
 * A gist, or any repository that takes no folders: everything lies on top of the branch that it has. Whoever has its link can read it, and
 * calling it secret does not change that.
 */
export const gistKind: StoreKind = {
  example: EXAMPLE,
  parse(rest) {
    const remote = remoteOf(rest);
    return ({ env, local, backups, folder }) => {
      const label = `the gist ${withoutSecrets(rest)}`;
      const id = `gist:${remote}:${folder}`;
      const place = { branch: undefined, layout: 'flat', folder, backups, local, remote, label, id } as const;
      const open = (signal?: AbortSignal) => openPlace(place, env, signal);
      return { label, id, open, isBounded: true, publicAs: async () => label };
    };
  },
};

/** An id, with or without whose it is, or the address of a repository. */
function remoteOf(rest: string): string {
  if (/^([\w-]{1,39}\/)?[0-9a-f]{20,40}$/.test(rest)) return `https://gist.github.com/${rest}.git`;
  if (/^https?:\/\/[^/]*@/i.test(rest)) throw invalid('holds a password: the token belongs in OVERWINTER_GIT_TOKEN');
  if (!/^(https?|ssh|file):\/\/\S+$|^[\w.-]+@[\w.-]+:\S+$/.test(rest)) throw invalid('names no gist');
  return rest;
}
