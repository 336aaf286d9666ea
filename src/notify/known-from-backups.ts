import { MOST_GAPS } from '../core/alarms/stale.ts';
import type { Standing } from '../core/alarms/standing.ts';
import { readCatalog } from '../operations/catalog.ts';
import type { Project } from '../operations/project.ts';
import { whoseIs } from './what-happened.ts';

/** How backups of a database stand, as the backups there are tell it: when the newest was made, and how often they come. */
export async function knownFromBackups(project: Project, root: string): Promise<Standing> {
  const { entries } = await readCatalog(project.store);
  const times = entries.slice(0, MOST_GAPS + 1).map(({ metadata }) => Date.parse(metadata.backup_date));
  const gaps = times.slice(1).map((time, at) => Math.max(0, Math.round(((times[at] ?? time) - time) / 1000)));
  const newest = entries[0]?.metadata.backup_date;
  return {
    ...whoseIs(project, root),
    subject: 'backup',
    state: 'fine',
    since: newest ?? project.now().toISOString(),
    failures: 0,
    told: false,
    gaps,
    ...(newest === undefined ? {} : { lastFine: newest, lastNew: newest }),
  };
}
