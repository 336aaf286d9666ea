import { count, size } from '../core/words.ts';
import type { BackupResult } from '../operations/backup.ts';
import type { FilesRestored } from '../operations/place-files.ts';

/** So many are named; of the others how many there are. */
const NAMED = 5;

function named(paths: readonly string[]): string {
  const shown = paths.slice(0, NAMED).join(', ');
  return paths.length > NAMED ? `${shown} and ${paths.length - NAMED} more` : shown;
}

/** The files beside the rows, as the end of a sentence about these; nothing where no folder is saved. */
export const filesLine = ({ files }: Pick<BackupResult, 'files'>): string =>
  files === undefined ? '' : ` and ${count(files.files, 'file')} (${size(files.bytes)})`;

/** What somebody should know of the files that were saved, and of those that were not: a sentence each. */
export function fileNotes({ files, foldersMissing = [] }: Pick<BackupResult, 'files' | 'foldersMissing'>): string[] {
  const { leftOut = [], changing = [], clashing = [] } = files ?? {};
  const why = new Map<string, string[]>();
  for (const each of leftOut) why.set(each.why, [...(why.get(each.why) ?? []), each.path]);
  return [
    ...foldersMissing.map((name) => `There is no folder ${name}, which 'files' names, so no file of it is saved.`),
    ...[...why].map(([reason, paths]) => `Not in the backup, because each ${reason}: ${named(paths)}.`),
    ...(changing.length === 0
      ? []
      : [
          `Written to whenever it was read, so what is in the backup may be half old and half new: ${named(changing)}.`,
        ]),
    ...(clashing.length === 0
      ? []
      : [`The same name as another's on Windows and macOS, where not both can come back: ${named(clashing)}.`]),
  ];
}

/** What became of the files of a backup that was restored; undefined where it had none, or none that belong here. */
export function restoredFilesLine({ files }: { readonly files?: FilesRestored }): string | undefined {
  if (files === undefined || files.files === 0) return undefined;
  const { added, replaced, kept, unknown } = files;
  const done = [
    ...(added > 0 ? [`${added} brought back`] : []),
    ...(replaced > 0 ? [`${replaced} replaced`] : []),
    ...(kept > 0 ? [`${kept} that differ left as they are, because no snapshot could keep them`] : []),
  ];
  const others = unknown > 0 ? ` ${count(unknown, 'file')} that the backup does not know stayed.` : '';
  const what = done.length === 0 ? 'they were all here' : done.join(', ');
  return `Of its ${count(files.files, 'file')}: ${what}.${others}`;
}
