import type { BootFacts } from '../core/chain/facts.ts';
import { OverwinterError } from '../core/errors.ts';
import { type Catalog, type Entry, openBackup } from './catalog.ts';
import { newestReady } from './newest.ts';
import { troubleOf } from './newest-files.ts';
import type { Project } from './project.ts';
import { mustOpen } from './unseal.ts';

/** What a start without the database would bring back, as far as the backups folder knows: this environment's own before any other. */
export async function bootFromFolder(
  project: Project,
  { entries, unreadable }: Catalog,
  newest: Entry | undefined,
  /** What came of opening the newest; undefined where it could be opened. */
  failure: unknown,
): Promise<BootFacts['ifLost']> {
  const wanted = project.boot?.from ?? project.environment;
  const own = entries.filter(({ metadata }) => metadata.origin.environment === wanted);
  const catalog = { entries: own.length > 0 ? own : entries, conflicts: [], unreadable };
  if (newest === undefined) return { kind: 'nothing' };
  const restores = ({ name, metadata }: Entry) => {
    const sameAsNewest = name === newest.name || metadata.content === newest.metadata.content;
    return { kind: 'restore', name, environment: metadata.origin.environment, sameAsNewest } as const;
  };
  // It was opened already, and its files are looked at beside.
  if (catalog.entries[0] === newest && failure === undefined) return restores(newest);
  try {
    const found = await newestReady(project.store, catalog);
    await mustOpen(project.encryption, project.store, await openBackup(project.store, found.name));
    return restores(found);
  } catch (error) {
    const shut = error instanceof OverwinterError && error.code === 'WRONG_KEY';
    const before = shut ? 'The newest backup cannot be restored here: ' : 'No backup could be brought back: ';
    return { kind: 'fail', trouble: troubleOf(error, before), shut };
  }
}
