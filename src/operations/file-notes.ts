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
  /** Its files are read this time, whatever they look like. */
  readonly isDue: boolean;
}

/** A file's path, and its mark; undefined where it is to be read again in any case. */
export type Look = readonly [path: string, mark: string | undefined];

/** What the files of a backup looked like when it was made, slice by slice; and how many backups were made so since all were read. */
export interface NotedLooks {
  readonly looks: readonly (readonly Look[])[];
  readonly runs: number;
}

/**
 * So many backups it takes until each file is read again, whatever it looks like: what writes through mapped memory may leave a file's times as they
 * are. Each backup reads one slice in so many, so none of them takes much longer.
 */
const TURNS = 50;

const keyOf = ({ database, store }: Project) => `files\n${database.id}\n${store.id}`;

/**
 * What of the newest backup's files need not be read again if they still look the same. What they are stands in the backup itself; this
 * machine only remembers what they looked like. Undefined where nothing is known, or a part was touched since.
 */
export function notedFiles(
  project: Project,
  newest: Opened | undefined,
  contents: Unsealed | undefined,
): { readonly slices: readonly NotedSlice[]; readonly runs: number } | undefined {
  const list = contents?.manifest.files?.list;
  if (newest === undefined || list === undefined) return undefined;
  const noted = notedLooks(project, newest);
  if (noted?.looks.length !== list.length) return undefined;
  const isDue = (at: number) => at % TURNS === noted.runs % TURNS;
  const slices = list.map((slice, at): NotedSlice => ({ slice, looks: noted.looks[at] ?? [], isDue: isDue(at) }));
  const isWhole = slices.every((each) => each.looks.length === each.slice.part.rows);
  return isWhole ? { slices, runs: noted.runs } : undefined;
}

/** Known without opening the backup. */
export function notedLooks(project: Project, newest: Opened): NotedLooks | undefined {
  const noted = readReadingNotes(project.local, keyOf(project));
  if (noted === undefined || noted.of !== markOf(project, newest)) return undefined;
  const looks = looksIn(noted.notes);
  return looks && { looks, runs: noted.runs };
}

/** Keeps what the files looked like that are in this backup. Never fails: without it, the next backup reads them all. */
export function noteFiles(project: Project, written: Opened, { looks, runs }: NotedLooks): void {
  try {
    const of = markOf(project, written);
    if (of === undefined) removeReadingNotes(project.local, keyOf(project));
    else writeReadingNotes(project.local, keyOf(project), { of, runs, notes: Buffer.from(JSON.stringify(looks)) });
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
