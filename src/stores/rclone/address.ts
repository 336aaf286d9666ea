import { storeInvalid } from '../../core/problems/stores.ts';

/** A folder in what rclone calls a remote. */
export interface RcloneAddress {
  readonly remote: string;
  /** Without a slash at its end. */
  readonly path: string;
  /** A backup is two files, and not one for each of its parts. */
  readonly asPacks: boolean;
}

export const RCLONE_EXAMPLE = "'rclone:dropbox:backups/app'";

const fault = (what: string) => storeInvalid('rclone', what, RCLONE_EXAMPLE)();

/**
 * Reads what stands behind `rclone:`. A remote is named and not described: in a description passwords stand, and they would stand in the list
 * of processes. Throws CONFIG_INVALID, and repeats nothing of it.
 */
export function readRcloneAddress(rest: string): RcloneAddress {
  const [, remote = '', given = ''] = /^([^:]*):(.*)$/s.exec(rest) ?? [];
  if (!/^[\w+@][\w+@.-]{0,99}$/.test(remote))
    throw fault(
      "names no remote as 'rclone listremotes' shows it: how it is reached belongs in rclone's own configuration",
    );
  const [, folder = '', query] = /^([^?]*)(?:\?(.*))?$/s.exec(given) ?? [];
  if (query !== undefined && query !== 'as=packs') throw fault("has a setting that is not 'as=packs'");
  const path = folder.replace(/\/+$/, '');
  if (path === '') throw fault('names no folder in the remote');
  if (/[\u0000-\u001f\u007f]/.test(path) || path.split('/').some((part) => part === '..'))
    throw fault('names no folder that can be');
  return { remote, path, asPacks: query !== undefined };
}

export const labelOfRclone = ({ remote, path }: RcloneAddress): string => `rclone:${remote}:${path}`;
