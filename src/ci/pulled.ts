import { join } from 'node:path';
import type { Origin } from '../core/manifest.ts';
import { backupName } from '../core/names.ts';
import { writeAnyManifest } from '../format/any-manifest.ts';
import { relabel } from '../format/public-half.ts';
import { openObjects } from '../git/objects.ts';
import type { Opened } from '../operations/catalog.ts';
import type { Project } from '../operations/project.ts';
import { pull } from '../pull/pull.ts';
import type { Web } from '../pull/request.ts';
import { folderStore } from '../stores/folder/folder-store.ts';
import { LARGEST_FILE, type ReadableStore } from '../stores/store.ts';
import { secretOf } from './place.ts';
import type { CiPart } from './report.ts';
import type { Target } from './target.ts';

/** A running app, and what it wants to be told before it gives its data. */
export interface From {
  readonly address: URL;
  readonly token: string;
  readonly web: Web;
}

export interface PulledHere {
  readonly opened: Opened;
  readonly store: ReadableStore;
  /** What the app says it is. */
  readonly environment: string;
  readonly facts: NonNullable<CiPart['pulled']>;
}

/** Brings the app's data into a scratch folder. Parts that git has, on whatever branch, are not fetched. */
export async function pullInto(
  { repository }: Target,
  { address, token, web }: From,
  scratch: string,
): Promise<PulledHere> {
  const store = folderStore(join(scratch, 'pulled'));
  const objects = openObjects(repository);
  try {
    const have = async (id: string) => {
      const blob = await objects.blob(id, LARGEST_FILE);
      return Buffer.isBuffer(blob) ? blob : undefined;
    };
    const { opened, files, fetched, bytes } = await pull(web, { address, token, into: store, have });
    const facts = { from: `${address.origin}${address.pathname}`, files, fetched, bytes };
    return { opened, store, environment: opened.manifest.metadata.origin.environment, facts };
  } finally {
    objects.close();
  }
}

/** The same data, told to be this deployment's. */
export async function labelled(project: Project, { opened, store }: PulledHere, origin: Origin): Promise<Opened> {
  const { metadata } = opened.manifest;
  const secret = await secretOf(project, { opened, store });
  const manifest = relabel(opened.manifest, { ...metadata, origin: { ...metadata.origin, ...origin } }, secret);
  const { digest } = writeAnyManifest(manifest);
  return { name: backupName('deployment', new Date(metadata.backup_date), digest), manifest, digest };
}
