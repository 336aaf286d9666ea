import { storeInvalid } from '../../core/problems/stores.ts';
import type { StoreKind } from '../kind.ts';
import { liveBranch } from './live-branch.ts';

const EXAMPLE = "'branch:backups' or 'branch:backups?remote=https://github.com/you/app.git'";
const invalid = (what: string) => storeInvalid('branch', what, EXAMPLE)();

/** A branch of `origin`, or of the repository that the address says. */
export const branchKind: StoreKind = {
  example: EXAMPLE,
  parse(rest) {
    const [, branch = '', settings] = /^([^?]*)(?:\?(.*))?$/s.exec(rest) ?? [];
    if (!isBranch(branch)) throw invalid('names no branch');
    const remote = settings === undefined ? undefined : remoteIn(settings);
    return ({ env, local, backups, folder }) => liveBranch({ branch, folder, backups, local, remote }, env);
  },
};

/** All behind `remote=` is the address: it may have a question mark of its own. */
function remoteIn(settings: string): string {
  const remote = /^remote=(.+)$/s.exec(settings)?.[1];
  if (remote === undefined) throw invalid("says something else than 'remote=ADDRESS'");
  if (!/^[\w./~]/.test(remote)) throw invalid('names a remote that is no address of a repository');
  if (/^https?:\/\/[^/]*@/i.test(remote)) throw invalid('holds a password: the token belongs in OVERWINTER_GIT_TOKEN');
  return remote;
}

/** What git takes for the name of a branch, and no option. */
const isBranch = (name: string): boolean =>
  /^[^-./\s~^:?*[\\][^\s~^:?*[\\]*$/.test(name) && !/\.\.|@\{|\/\/|\/\.|\.lock$|[./]$/.test(name);
