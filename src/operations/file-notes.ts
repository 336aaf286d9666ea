import type { FileSlice } from '../core/saved-files.ts';
import { readReadingNotes, removeReadingNotes, writeReadingNotes } from '../local/reading-notes.ts';
import type { Opened } from './catalog.ts';
import { marksOf } from './newest-files.ts';
import type { Project } from './project.ts';
import type { Unsealed } from './unseal.ts';

/** A slice of the list as the newest backup has it, and what its files looked like when they were read for it. */
export interface NotedSlice {
  readonly slice: FileSlice;
  readonly looks: readonly Look[];
}

/** A file's path, and its mark; undefined where it is to be read again in any case. */
export type Look = readonly [path: string, mark: string | undefined];

const keyOf = ({ database, store }: Project) => `files\n${database.id}\n${store.id}`;

/**
 * What of the newest backup's files need not be read again if they still look the same. What they are stands in the backup itself; this
 * machine only remembers what they looked like. Undefined where nothing is known, or a part was touched since.
 */
export function notedFiles(
  project: Project,
  newest: Opened | undefined,
  contents: Unsealed | undefined,
): readonly NotedSlice[] | undefined {
  const list = contents?.manifest.files?.list;
  if (newest === undefined || list === undefined) return undefined;
  const looks = notedLooks(project, newest);
  if (looks?.length !== list.length) return undefined;
  const slices = list.map((slice, at): NotedSlice => ({ slice, looks: looks[at] ?? [] }));
  return slices.every((each) => each.looks.length === each.slice.part.rows) ? slices : undefined;
}

/** What the files of a backup looked like when it was made, slice by slice: known without opening it. */
export function notedLooks(project: Project, newest: Opened): readonly (readonly Look[])[] | undefined {
  const noted = readReadingNotes(project.local, keyOf(project));
  return noted === undefined || noted.of !== markOf(project, newest) ? undefined : looksIn(noted.notes);
}

/** Keeps what the files looked like that are in this backup. Never fails: without it, the next backup reads them all. */
export function noteFiles(project: Project, written: Opened, looks: readonly (readonly Look[])[]): void {
  try {
    const of = markOf(project, written);
    if (of === undefined) removeReadingNotes(project.local, keyOf(project));
    else writeReadingNotes(project.local, keyOf(project), { of, runs: 0, notes: Buffer.from(JSON.stringify(looks)) });
  } catch {
    removeReadingNotes(project.local, keyOf(project));
  }
}

function markOf({ store }: Project, opened: Opened): string | undefined {
  const marks = marksOf(store, opened);
  return marks && `${opened.digest} ${marks}`;
}

function looksIn(notes: Uint8Array): Look[][] | undefined {
  const value: unknown = JSON.parse(Buffer.from(notes).toString('utf8'));
  if (!Array.isArray(value)) return undefined;
  return value.map((slice: unknown) =>
    Array.isArray(slice) ? slice.flatMap((each: unknown): Look[] => (Array.isArray(each) ? [lookIn(each)] : [])) : [],
  );
}

const lookIn = ([path, mark]: readonly unknown[]): Look => [String(path), typeof mark === 'string' ? mark : undefined];
