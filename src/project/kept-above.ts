import { dirname, join } from 'node:path';
import type { Config, Environment } from '../core/config.ts';
import { OverwinterError } from '../core/errors.ts';
import { keptAboveAlready } from '../core/problems/usage.ts';
import { realPath } from '../files/real-path.ts';
import { topOf } from '../local/tracked.ts';
import { readCatalog } from '../operations/catalog.ts';
import { folderStore } from '../stores/folder/folder-store.ts';
import { findConfigFile, loadConfigFile } from './config-file.ts';
import { fromHere } from './from-here.ts';
import { startedIn } from './package-manager.ts';
import { isKept } from './projects-below.ts';
import { namedDatabase } from './which-database.ts';

interface Here {
  readonly root: string;
  readonly cwd: string;
  readonly env: Environment;
}

/**
 * Throws USAGE where a project that keeps nothing yet has a database that one above it keeps: a second configuration would make second
 * backups of it. Nobody looks further than the top of the work tree.
 */
export async function mustNotBeKeptAbove({ root, cwd, env }: Here, file: string): Promise<void> {
  const top = topOf(root);
  if (top === undefined || isKept(root)) return;
  for (let at = root; at !== top; ) {
    at = dirname(at);
    if (!isKept(at) || !(await filesKeptBy(at, env)).includes(realPath(file))) continue;
    throw keptAboveAlready(fromHere(cwd, file), fromHere(cwd, at), startedIn(at))();
  }
}

/** The files of databases that its configuration names, or where that names none, its newest backup. */
async function filesKeptBy(folder: string, env: Environment): Promise<string[]> {
  try {
    const configFile = findConfigFile(folder);
    const config = configFile === undefined ? {} : await loadConfigFile(configFile);
    const targets = targetsIn(config);
    return (targets.length > 0 ? targets : await targetsSaved(folder, config)).flatMap((target) => {
      const named = namedDatabase({ root: folder, cwd: folder, env }, { target, base: folder }).target;
      return 'file' in named ? realPath(named.file) : [];
    });
  } catch (error) {
    // What is wrong up there is not for somebody here to mend.
    if (error instanceof OverwinterError) return [];
    throw error;
  }
}

const targetsIn = ({ db, databases = [] }: Config): string[] => [
  ...(db === undefined ? [] : [db]),
  ...databases.map((each) => each.db),
];

async function targetsSaved(folder: string, { dir = 'backups' }: Config): Promise<string[]> {
  const { entries } = await readCatalog(folderStore(join(folder, dir)));
  const saved = entries[0]?.metadata.database;
  return saved === undefined ? [] : [saved];
}
