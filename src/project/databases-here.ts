import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileFormOf, isBesideDatabase } from '../engines/registry.ts';
import { readIfThere } from '../files/if-there.ts';
import { projectBelow } from './projects-below.ts';

/** Where frameworks put their files: from the folder of an app. Only these are looked into, so that no cache is taken for a database. */
const FOLDERS = [
  '',
  'data',
  '.data',
  'db',
  'database',
  'databases',
  'prisma',
  'src/db',
  'src/database',
  'storage',
  'instance',
  'pb_data',
  'var',
  'var/data',
  'sqlite',
  '.tmp',
];
/** PocketBase's log. */
const NONE = /^(auxiliary|logs)\.db$/;

/**
 * The databases in the usual places of a project and of its workspaces, told by their first bytes; one that is empty still, by its name.
 * Those of workspaces that are projects of their own are none of them.
 * Never call it in a process that has a database open: closing its file lets go of the locks SQLite holds on it.
 */
export function databasesHere(root: string): string[] {
  return filesHere(root).filter((file) => isDatabaseFile(file) || (isNamedAsOne(file) && beginningOf(file) === ''));
}

/** Whether a file begins as databases do; one that is empty does not. */
export function isDatabaseFile(file: string): boolean {
  return fileFormOf(file)?.begins(beginningOf(file) ?? '') === true;
}

const isNamedAsOne = (file: string) => fileFormOf(file)?.named.test(file) === true;

/** The one file there that has the name of a database. No file is opened for it. */
export function onlyOneByName(root: string): string | undefined {
  const [only, other] = filesHere(root).filter(isNamedAsOne);
  return other === undefined ? only : undefined;
}

function filesHere(root: string): string[] {
  const folders = [root, ...workspacesOf(root)].flatMap((app) => FOLDERS.map((folder) => join(app, folder)));
  return [...new Set(folders)].flatMap((folder) => {
    const files = filesIn(folder);
    return files.length > 0 && projectBelow(root, folder) === undefined ? files : [];
  });
}

/** The folders of the workspaces that are projects of their own. */
export const projectsHere = (root: string): string[] => [
  ...new Set(workspacesOf(root).flatMap((app) => projectBelow(root, app) ?? [])),
];

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !isNone(entry.name))
      .map((entry) => join(folder, entry.name));
  } catch {
    // None, or nobody may look into it.
    return [];
  }
}

const isNone = (name: string) => NONE.test(name) || isBesideDatabase(name);

const BEGINNING = 16;

/** The first bytes of a file, empty where there is none; undefined for what is no file, or may not be read. */
export function beginningOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return '';
  if (!stat.isFile()) return undefined;
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(BEGINNING);
      return bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** The folders of a project's packages, as npm, Yarn, Bun and pnpm are told of them. */
export function workspacesOf(root: string): string[] {
  const patterns = [...inManifest(join(root, 'package.json')), ...inPnpm(join(root, 'pnpm-workspace.yaml'))];
  return patterns
    .filter((pattern) => !pattern.startsWith('!'))
    .flatMap((pattern) => {
      const [folder = '', ...below] = pattern.split(/\/?\*/);
      return below.length === 0 ? [join(root, folder)] : foldersIn(join(root, folder));
    });
}

function inManifest(file: string): string[] {
  try {
    const { workspaces }: { workspaces?: unknown } = JSON.parse(readIfThere(file) ?? '{}');
    const listed = Array.isArray(workspaces) ? workspaces : Object(workspaces).packages;
    return Array.isArray(listed) ? listed.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

function inPnpm(file: string): string[] {
  try {
    return [...(readIfThere(file) ?? '').matchAll(/^\s*-\s*['"]?([^'"#\s]+)/gm)].map(([, pattern = '']) => pattern);
  } catch {
    return [];
  }
}

export function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}
