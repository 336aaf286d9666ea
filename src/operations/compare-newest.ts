import type { Compared } from '../core/chain/facts.ts';
import type { Manifest } from '../core/manifest.ts';
import { entryOf, leavesOutTheSame } from '../core/privacy/left-out.ts';
import { contentDigest } from '../core/write-manifest.ts';
import { rowsByTable } from '../format/rows-by-table.ts';
import { type Lineage, lineageOf, lineageTo, noteLineage } from '../local/lineage.ts';
import { withScratch } from '../local/scratch.ts';
import type { Entry } from './catalog.ts';
import { collect } from './collect.ts';
import type { Effort } from './effort.ts';
import type { Project } from './project.ts';
import { selecting } from './secrets.ts';
import { noSink } from './write-parts.ts';

/** A database of so many bytes is read whole to know whether it says what the newest backup says. */
const READ_AT_MOST = 4 * 1024 * 1024;

/**
 * How the database stands to the newest backup: known where nobody wrote to it since it was last compared, read where it is small,
 * and else told by what a count of its rows tells. `manifest` is the backup's, where it can be opened here.
 */
export async function compareWithNewest(
  project: Project,
  newest: Entry,
  manifest: Manifest | undefined,
  {
    counts,
    bytes,
    effort,
  }: { readonly counts: ReadonlyMap<string, number>; readonly bytes: number; readonly effort: Effort },
): Promise<Compared> {
  const { local, database } = project;
  const lineage = lineageOf(local, database.id);
  const stamp = await database.fingerprint();
  if (stamp !== undefined && lineage?.stamp === stamp && lineage.content === newest.metadata.content)
    return { kind: 'same' };
  const { more, differs } = manifest === undefined ? NOTHING_KNOWN : compareCounts(counts, manifest);
  if (manifest !== undefined && !differs && (effort === 'thorough' || bytes <= READ_AT_MOST)) {
    if (await saysTheSame(project, manifest)) {
      noteLineage(local, database.id, lineageTo(newest.name, newest.metadata, stamp));
      return { kind: 'same' };
    }
    return behind(lineage, newest) ?? { kind: 'changed', more };
  }
  return behind(lineage, newest) ?? (differs ? { kind: 'changed', more } : { kind: 'unknown' });
}

/**
 * The rows of each table, where nobody wrote to the database since it was found to be what this backup says: to count them takes as long
 * as there are many.
 */
export async function countsWithoutLook(
  { local, database }: Project,
  manifest: Manifest,
): Promise<ReadonlyMap<string, number> | undefined> {
  const { content, included, excluded } = manifest.metadata;
  const lineage = lineageOf(local, database.id);
  const isSame =
    lineage?.content === content && lineage.stamp !== undefined && lineage.stamp === (await database.fingerprint());
  return isSame && included === undefined && excluded === undefined ? rowsByTable(manifest) : undefined;
}

/** It comes from an older one, and the newest was made of something else. */
function behind(lineage: Lineage | undefined, { metadata }: Entry): Compared | undefined {
  if (lineage === undefined || lineage.content === metadata.content) return undefined;
  if (Date.parse(lineage.date) >= Date.parse(metadata.backup_date)) return undefined;
  return { kind: 'behind', from: { name: lineage.name, date: lineage.date } };
}

/** Rows that are left out on purpose are not missing from a backup. */
const isWhole = ({ metadata }: Manifest, table: string) =>
  entryOf(metadata.included, table) === undefined && entryOf(metadata.excluded, table) === undefined;

const NOTHING_KNOWN = { more: new Map<string, number>(), differs: false };

function compareCounts(counts: ReadonlyMap<string, number>, manifest: Manifest) {
  const saved = rowsByTable(manifest);
  const changes = [...counts]
    .filter(([table]) => isWhole(manifest, table))
    .map(([table, rows]) => [table, rows - (saved.get(table) ?? 0)] as const)
    .filter(([, change]) => change !== 0);
  return { more: new Map(changes.filter(([, change]) => change > 0)), differs: changes.length > 0 };
}

/** Whether a backup of the database now would say what this one says. What cannot be read says something else. */
async function saysTheSame(project: Project, manifest: Manifest): Promise<boolean> {
  try {
    return await withScratch(project.local, 'compare', async (scratch) => {
      const read = await project.database.read(scratch, selecting(project));
      try {
        const { content } = await collect(read, noSink, () => {});
        const digest = contentDigest({
          ...content,
          ...(manifest.files === undefined ? {} : { files: manifest.files }),
        });
        return digest === manifest.metadata.content && leavesOutTheSame(manifest.metadata, read.leftOut);
      } finally {
        await read.close();
      }
    });
  } catch {
    return false;
  }
}
