import { readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { absentOr } from '../core/read-problem.ts';
import { lstatIfThere } from './if-there.ts';

const MOST_LINKS = 40;

/** The one name of a file that may be reached by several and need not exist: links are followed as far as there are any. */
export function realPath(path: string, links = MOST_LINKS): string {
  const full = resolve(path);
  try {
    return realpathSync(full);
  } catch (error) {
    absentOr(full, error);
    const link = linkAt(full);
    if (link !== undefined && links > 0) return realPath(resolve(dirname(full), link), links - 1);
    return dirname(full) === full ? full : join(realPath(dirname(full), links), basename(full));
  }
}

const linkAt = (path: string): string | undefined =>
  lstatIfThere(path)?.isSymbolicLink() ? readlinkSync(path) : undefined;
