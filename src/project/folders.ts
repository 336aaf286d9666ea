import { resolve } from 'node:path';
import { type FileLimits, type FoldersConfig, faultInFolderName, nested } from '../core/folders.ts';
import { configInvalid } from '../core/problems/settings.ts';
import { placeOf } from '../core/target.ts';
import type { Folder, WantedFiles } from '../folders/wanted.ts';
import { insideOf } from '../local/place.ts';
import { topOf } from '../local/tracked.ts';
import type { ChosenDatabase } from './choose-databases.ts';

/** What a configuration's folders are meant from. */
export interface FoldersAbout {
  readonly root: string;
  /** Where relative ones begin. */
  readonly foldersBase: string;
  readonly configFile: string | undefined;
  readonly never: readonly string[];
  readonly limits: Required<FileLimits>;
}

const MEGABYTE = 1_000_000;

/** The folders of a configuration as they lie here; undefined where there are none. Throws CONFIG_INVALID. */
export function wantedFiles(folders: FoldersConfig, about: FoldersAbout): WantedFiles | undefined {
  if (folders.length === 0) return undefined;
  const { root, configFile, never, limits } = about;
  const wrong = (what: string) => configInvalid(configFile ?? 'the configuration', what)();
  const found = folders.map((each): Folder => {
    const { name, folder } = typeof each === 'string' ? { name: undefined, folder: each } : each;
    const path = resolve(about.foldersBase, folder);
    const called = name ?? insideOf(root, path);
    if (called === undefined)
      throw wrong(
        `names the folder ${path}, which lies outside of the project: give it a name, as in files: [{ name: 'uploads', folder: '${path}' }]`,
      );
    if (called === '') throw wrong("has a 'files' that names the whole project: name the folders of files in it");
    const fault = faultInFolderName(called);
    if (fault !== undefined) throw wrong(fault);
    if (never.some((place) => insideOf(place, path) !== undefined))
      throw wrong(`has a 'files' that names ${path}, which holds backups or a database`);
    return { name: called, path };
  });
  for (const names of [found.map(({ name }) => name), found.map(({ path }) => path)]) {
    const two = nested(names);
    if (two !== undefined) throw wrong(`names folders of which one lies in the other: '${two[0]}' and '${two[1]}'`);
  }
  return {
    folders: found.sort((a, b) => (a.name < b.name ? -1 : 1)),
    top: topOf(root) ?? root,
    never,
    largest: limits.file * MEGABYTE,
    largestSum: limits.all * MEGABYTE,
  };
}

/** What may lie beside an SQLite database. */
const BESIDE = ['', '-wal', '-shm', '-journal', '.wal'].flatMap((end) => [end, `-overwinter${end}`]);

/** What is none of the app's files, wherever it lies: backups, and databases, whose rows are saved. */
export function neverSaved(backups: string, databases: readonly ChosenDatabase[]): string[] {
  const places = databases.flatMap(({ which }) => placeOf(which.target) ?? []);
  return [backups, ...places.flatMap((place) => BESIDE.map((end) => place + end))];
}
