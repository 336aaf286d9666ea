import type { NewestFacts } from '../core/chain/facts.ts';
import { OverwinterError } from '../core/errors.ts';
import type { Manifest } from '../core/manifest.ts';
import { drillsOf } from '../local/drills.ts';
import { type Entry, type Opened, openBackup } from './catalog.ts';
import { compareFiles } from './compare-files.ts';
import { compareWithNewest } from './compare-newest.ts';
import type { Effort } from './effort.ts';
import type { DatabaseLook } from './look-at-database.ts';
import { lookAtFiles, troubleOf } from './newest-files.ts';
import type { Project } from './project.ts';
import { unseal } from './unseal.ts';

/** The newest backup, opened as far as it can be opened here. */
export interface NewestOpened {
  readonly opened: Opened | undefined;
  readonly manifest: Manifest | undefined;
  readonly failure: unknown;
}

export async function openNewest({ store, encryption }: Project, newest: Entry): Promise<NewestOpened> {
  let opened: Opened | undefined;
  try {
    opened = await openBackup(store, newest.name);
    return { opened, manifest: (await unseal(encryption, store, opened)).manifest, failure: undefined };
  } catch (failure) {
    return { opened, manifest: undefined, failure };
  }
}

export async function newestFacts(
  project: Project,
  newest: Entry,
  { opened, manifest, failure }: NewestOpened,
  { facts, counts, bytes }: DatabaseLook,
  effort: Effort,
): Promise<NewestFacts> {
  const { name, metadata } = newest;
  const drill = opened && drillsOf(project.local, project.store.id)[opened.digest];
  const isShut = failure instanceof OverwinterError && failure.code === 'WRONG_KEY';
  const looked =
    opened === undefined || (failure !== undefined && !isShut)
      ? undefined
      : await lookAtFiles(project, opened, drill, effort);
  const beside = opened && (await compareFiles(project, opened, manifest, effort));
  return {
    name,
    date: metadata.backup_date,
    rows: metadata.rows,
    ...(beside === undefined ? {} : { beside }),
    environment: metadata.origin.environment,
    drill,
    database:
      facts.kind === 'rows' && counts !== undefined
        ? await compareWithNewest(project, newest, manifest, { counts, bytes: bytes ?? metadata.bytes, effort })
        : { kind: 'unknown' },
    files:
      looked === undefined
        ? {
            kind: 'damaged',
            what: opened === undefined ? 'manifest' : 'parts',
            trouble: troubleOf(failure, 'The newest backup cannot be restored: '),
          }
        : isShut && looked.kind !== 'damaged'
          ? { kind: 'shut', trouble: troubleOf(failure, 'The newest backup cannot be restored here: ') }
          : looked,
  };
}
