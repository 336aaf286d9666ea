import { keyOf, unsharedStretches } from '../core/diff.ts';
import { type Content, rowCount, type TableData } from '../core/manifest.ts';
import { type Contents, compareTable } from './compare-table.ts';
import { diffFiles, type FilesDiff } from './diff-files.ts';
import type { Project } from './project.ts';

/** What became of a table from one backup to the next. */
export interface TableChange {
  readonly table: string;
  /** Rows that it has more, or fewer. */
  readonly more: number;
  /** Undefined where too much would have to be read to tell: then it is known that they are others, and no more. */
  readonly rows: { readonly added: number; readonly changed: number; readonly removed: number } | undefined;
}

export interface Changed {
  readonly tables: readonly TableChange[];
  readonly files: FilesDiff | undefined;
  /** Whether tables, indexes and the like are defined in another way. */
  readonly definitions: boolean;
  /** How much of the backups was read for it. */
  readonly bytes: number;
}

/**
 * What became of each table between two backups, for a list of many: no more than `most` bytes are read for it, the smallest differences first.
 * Throws BACKUP_DAMAGED.
 */
export async function whatChanged(
  project: Project,
  before: Contents,
  after: Contents,
  keys: ReadonlyMap<string, readonly string[]>,
  most: number,
): Promise<Changed> {
  const { codec } = project.database;
  const tables = [...new Set([...before.content.data.keys(), ...after.content.data.keys()])];
  const differing = tables
    .filter((table) => !codec.isInternal(table))
    .map((table) => ({ table, was: dataOf(before.content, table), is: dataOf(after.content, table) }))
    .map((each) => ({ ...each, bytes: unsharedBytes(each.was, each.is) }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => a.bytes - b.bytes);
  let bytes = 0;
  const changes: TableChange[] = [];
  for (const { table, was, is, bytes: needed } of differing) {
    const more = rowCount(is) - rowCount(was);
    if (bytes + needed > most) {
      changes.push({ table, more, rows: undefined });
      continue;
    }
    bytes += needed;
    const rowIn = (line: string) => keyOf(line, keys.get(table) ?? [], codec.ownNumber);
    const { added, changed, removed } = await compareTable(table, before, after, rowIn, 0);
    if (added + changed + removed > 0) changes.push({ table, more, rows: { added, changed, removed } });
  }
  return { tables: changes, files: await filesBetween(before, after), definitions: isRedefined(before, after), bytes };
}

const NONE: TableData = { rows: [] };
const dataOf = ({ data }: Content, table: string) => data.get(table) ?? NONE;

/** What must be read to compare two versions of a table: 0 where they are the same. */
function unsharedBytes(was: TableData, is: TableData): number {
  return unsharedStretches(was, is)
    .flatMap(({ before, after }) => [before, after])
    .reduce((sum, table) => sum + bytesIn(table), 0);
}

const bytesIn = (table: TableData): number =>
  'rows' in table
    ? table.rows.reduce((sum, line) => sum + line.length + 1, 0)
    : table.parts.reduce((sum, { bytes }) => sum + bytes, 0);

/** The lists of files alone are read, and only where they are other ones. */
async function filesBetween(before: Contents, after: Contents): Promise<FilesDiff | undefined> {
  const lists = [before, after].map(({ content }) => content.files?.list.map(({ part }) => part.file).join(' '));
  return lists[0] === lists[1] ? undefined : diffFiles(before, after, 0);
}

function isRedefined(before: Contents, after: Contents): boolean {
  const [was, is] = [before, after].map(({ content }) =>
    content.schema.map(({ type, sql }) => `${type} ${sql}`).sort(),
  );
  return JSON.stringify(was) !== JSON.stringify(is);
}
