import { dirname, join, relative } from 'node:path';
import { linkedAway } from '../core/problems/machine.ts';
import { lstatIfThere } from '../files/if-there.ts';
import { realPath } from '../files/real-path.ts';
import { insideOf } from './place.ts';
import { isTracked } from './tracked.ts';

/**
 * Throws NOT_OURS where a link that git tracks would lead what is written to `file` out of the project, or into git's own folder.
 * Links that somebody made on this machine, to a volume mostly, are followed.
 */
export function mustNotLeadAway(top: string, file: string): void {
  for (const link of linksOnTheWay(top, file)) if (isTracked(link)) throw linkedAway(link)();
}

/** The same for a file that a project is known by: whoever made such a link, it is not followed out of the project. */
export function mustStayIn(top: string, file: string): void {
  const [link] = linksOnTheWay(top, file);
  if (link === undefined || isInside(top, file)) return;
  throw linkedAway(link)();
}

/** The links among the folders from `top` to a file, and the file itself. */
function linksOnTheWay(top: string, file: string): string[] {
  if (insideOf(top, file) === undefined) return [];
  const links: string[] = [];
  for (let at = file; relative(top, at) !== ''; at = dirname(at))
    if (lstatIfThere(at)?.isSymbolicLink()) links.push(at);
  return links.reverse();
}

function isInside(top: string, file: string): boolean {
  const path = insideOf(realPath(top), realPath(file));
  return path !== undefined && insideOf(realPath(join(top, '.git')), realPath(file)) === undefined;
}
