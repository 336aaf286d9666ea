import { type Manifest, rowCount } from '../core/manifest.ts';
import { entryOf, type LeftOut } from '../core/privacy/left-out.ts';
import { isThere } from '../files/if-there.ts';
import type { BackupResult } from './backup.ts';
import type { Read } from './loss.ts';
import type { Project } from './project.ts';
import { judgesByLook, suspectDefinitions, suspectsIn } from './secrets.ts';

/** What somebody should know of what is saved, and of what is not. */
export async function notesOn(
  project: Project,
  read: Read,
  newest: Manifest | undefined,
): Promise<Pick<BackupResult, 'dangling' | 'suspects' | 'suspectDefinitions' | 'stillInOlder' | 'foldersMissing'>> {
  const asks = judgesByLook(project.privacy) || read.leftOut.redacted !== undefined;
  const known = asks ? newest : undefined;
  const suspects = await suspectsIn(read, project.privacy, (table) => known?.data.has(table) === true);
  const old = new Set(known?.schema.map(({ sql }) => sql));
  const definitions = suspectDefinitions(
    read.codec,
    read.schema.filter(({ sql }) => !old.has(sql)),
    project.privacy,
  );
  const stillInOlder = newlyRedacted(known, read.leftOut);
  const foldersMissing = (project.files?.folders ?? []).filter(({ path }) => !isThere(path)).map(({ name }) => name);
  return {
    ...(read.dangling.length === 0 ? {} : { dangling: read.dangling }),
    ...(suspects.length === 0 ? {} : { suspects }),
    ...(definitions.length === 0 ? {} : { suspectDefinitions: definitions }),
    ...(stillInOlder.length === 0 ? {} : { stillInOlder }),
    ...(foldersMissing.length === 0 ? {} : { foldersMissing }),
  };
}

/** Columns of tables with rows that the newest backup does not leave out yet. */
function newlyRedacted(newest: Manifest | undefined, { redacted = {} }: LeftOut): string[] {
  return Object.entries(redacted).flatMap(([table, columns]) => {
    if (rowCount(newest?.data.get(table) ?? { rows: [] }) === 0) return [];
    const already = entryOf(newest?.metadata.redacted, table) ?? [];
    return columns.filter((column) => !already.includes(column)).map((column) => `${table}.${column}`);
  });
}
