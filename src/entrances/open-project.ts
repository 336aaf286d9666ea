import { existsSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { type Config, configFromEnvironment, type Settled, settle } from '../core/config.ts';
import { noDatabaseGiven, severalDatabases } from '../core/problems.ts';
import { engines } from '../engines/index.ts';
import { localFolder, projectRoot } from '../local/place.ts';
import type { Project } from '../operations/project.ts';
import { folderStore } from '../stores/folder.ts';
import { findConfigFile, loadConfigFile } from './config-file.ts';

export interface World {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

export interface OpenedProject {
  readonly project: Project;
  readonly root: string;
  readonly settled: Settled;
  readonly configFile: string | undefined;
}

/** Puts a project together from flags, environment, configuration file and defaults. Throws USAGE and CONFIG_INVALID. */
export async function openProject(world: World, flags: Config): Promise<OpenedProject> {
  const start = flags.dir === undefined ? world.cwd : dirname(resolve(world.cwd, flags.dir));
  const root = projectRoot(start);
  const configFile = findConfigFile(projectRoot(world.cwd)) ?? findConfigFile(root);
  const file = configFile === undefined ? {} : await loadConfigFile(configFile);
  const environment = configFromEnvironment(world.env);
  const settled = settle(flags, environment, file, world.env);
  // What a file says is meant from where it stands, what a person types from where they are.
  const base = (key: 'db' | 'dir') =>
    (flags[key] ?? environment[key]) ? world.cwd : configFile === undefined ? root : dirname(configFile);
  const dir = resolve(base('dir'), settled.dir);
  const db = settled.db === undefined ? findDatabase(root) : resolve(base('db'), settled.db);
  const { prepare } = settled;
  return {
    root,
    settled,
    configFile,
    project: {
      db,
      local: localFolder(projectRoot(dirname(dir))),
      engine: engines.sqlite({ busyTimeout: settled.wait, ...(prepare === undefined ? {} : { prepare }) }),
      store: folderStore(dir),
      now: world.now,
      environment: settled.environment,
      host: hostname(),
      maxShrink: settled.maxShrink,
      retention: settled.retention,
      keepSnapshots: settled.snapshots,
      ignoreTables: settled.ignoreTables,
      wait: settled.wait,
    },
  };
}

const USUAL_FOLDERS = ['.', 'data', 'db', 'database', 'prisma', 'var', 'storage'];
const DATABASE_FILE = /\.(db|db3|sqlite|sqlite3)$/i;

/** The one database in the usual places. Throws USAGE where there is none or more than one. */
export function findDatabase(root: string): string {
  const found = USUAL_FOLDERS.map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => DATABASE_FILE.test(file))
        .map((file) => join(folder, file)),
    );
  const [only, ...others] = found;
  if (only === undefined) throw noDatabaseGiven()();
  if (others.length > 0) throw severalDatabases(found.map((file) => relative(root, file)).join(', '))();
  return only;
}
