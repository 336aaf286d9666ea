import { readFileLine } from '../core/file-line.ts';
import type { Content, TableData } from '../core/manifest.ts';
import { isPieceFile } from '../core/names.ts';
import { scanFolders } from '../folders/scan.ts';
import { type Contents, compareTable } from './compare-table.ts';
import type { Project } from './project.ts';
import { saveFiles } from './save-files.ts';
import type { PartSink } from './write-parts.ts';

/** How the files beside the rows differ: in their bytes, their modes or their times. */
export interface FilesDiff {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** The first of them; the counts are of all. */
  readonly paths: readonly { readonly kind: 'added' | 'changed' | 'removed'; readonly path: string }[];
}

/** The name under which the list of files is compared as if it were a table. */
const LIST = 'the list of files';

/** Parts of the list that both sides share are not read. Undefined where neither side has files. Throws BACKUP_DAMAGED. */
export async function diffFiles(before: Contents, after: Contents, toShow: number): Promise<FilesDiff | undefined> {
  if (before.content.files === undefined && after.content.files === undefined) return undefined;
  const found = await compareTable(LIST, asTable(before), asTable(after), pathOf, toShow);
  const { added, changed, removed, rows } = found;
  const paths = rows.map(({ kind, before: old, after: now }) => ({ kind, path: pathOf(now ?? old ?? '') }));
  return { added, changed, removed, paths };
}

const pathOf = (line: string) => readFileLine(line).path;

function asTable({ content, store }: Contents): Contents {
  const parts = content.files?.list.map(({ part }) => part) ?? [];
  const list: TableData = { count: parts.reduce((sum, { rows }) => sum + rows, 0), parts };
  return { content: { ...content, data: new Map([[LIST, list]]) }, store };
}

/** The files in the project's folders as a backup would have them; of the parts, those of the list go into the sink. */
export async function liveFiles({ files: wanted, now }: Project, sink: PartSink): Promise<Pick<Content, 'files'>> {
  if (wanted === undefined) return {};
  const onlyLists: PartSink = async (file, bytes) => (isPieceFile(file) ? 0 : sink(file, bytes));
  const { files } = await saveFiles(scanFolders(wanted, now()), { wanted, sink: onlyLists });
  return { files };
}
