import type { Metadata } from '../../core/manifest.ts';
import { type Objects, openObjects } from '../../git/objects.ts';
import { committedStore, type InRepository, withDropped } from '../../stores/git/committed-store.ts';
import { type Committed, committedBackups } from '../../stores/git/history.ts';
import type { ReadableStore } from '../../stores/store.ts';
import { readCatalog, type Skipped } from '../catalog.ts';
import { theirsIn } from '../ours.ts';
import type { Project } from '../project.ts';

/** A backup of this database, wherever it still is. */
export interface Version {
  readonly name: string;
  readonly metadata: Metadata;
  /** The newest commit that brought it. */
  readonly commit: string | undefined;
  readonly store: ReadableStore;
}

export interface Timeline {
  /** Newest first. */
  readonly versions: readonly Version[];
  readonly skipped: readonly Skipped[];
  /** Older commits were not fetched into this clone. */
  readonly shallow: boolean;
}

/**
 * Hands over every backup in the store and, where the folder is in a repository, every one that a commit ever brought. Those that were
 * refused and are kept aside never were the database's state.
 */
export async function withTimeline<T>(
  project: Project,
  place: InRepository | undefined,
  use: (timeline: Timeline) => Promise<T>,
): Promise<T> {
  const catalog = await readCatalog(project.store);
  const here = catalog.entries.map((entry): Version => ({ ...entry, commit: undefined, store: project.store }));
  const timeline = (versions: readonly Version[], skipped: readonly Skipped[], shallow: boolean): Timeline => ({
    versions: versions.filter(({ metadata }) => theirsIn(project.identity, metadata) === undefined).sort(newestFirst),
    skipped: [...catalog.unreadable, ...skipped],
    shallow,
  });
  if (place === undefined) return use(timeline(here, [], false));
  const { backups, unreadable, shallow } = await committedBackups(place.repository, place.inside);
  const objects = openObjects(place.repository);
  try {
    const lost = unreadable.map(({ name, commit }) => ({
      name,
      reason: `${name} as commit ${commit.slice(0, 10)} has it cannot be read.`,
    }));
    return await use(timeline(together(here, backups, place, objects), lost, shallow));
  } finally {
    objects.close();
  }
}

/** What is in the folder and in a commit is one backup, and quicker to read in the folder. */
function together(
  here: readonly Version[],
  committed: readonly Committed[],
  place: InRepository,
  objects: Objects,
): Version[] {
  const same = ({ name, metadata }: Pick<Version, 'name' | 'metadata'>) =>
    `${name} ${metadata.backup_date} ${metadata.content}`;
  const commits = new Map(committed.map((each) => [same(each), each]));
  const both = here.map((version) => ({
    ...version,
    commit: commits.get(same(version))?.commit,
    store: withDropped(version.store, objects),
  }));
  const known = new Set(here.map(same));
  const gone = committed.filter((each) => !known.has(same(each)) && !each.name.startsWith('conflict_'));
  return [
    ...both,
    ...gone.map(({ name, metadata, commit, id }): Version => {
      const store = committedStore(place, { name, metadata, commit, id }, objects);
      return { name, metadata, commit, store };
    }),
  ];
}

function newestFirst(a: Version, b: Version): number {
  const dates = Date.parse(b.metadata.backup_date) - Date.parse(a.metadata.backup_date);
  return dates || (a.name < b.name ? 1 : -1);
}
