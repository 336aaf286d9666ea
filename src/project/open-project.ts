import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Config } from '../core/config.ts';
import { configFromEnvironment, type Settled, settle } from '../core/settle-config.ts';
import { ageEncryption } from '../crypto/age-encryption.ts';
import type { Wanted } from '../crypto/encryption.ts';
import { branchSource } from '../destinations/branch-source.ts';
import { engines } from '../engines/index.ts';
import { insideOf, localFolder, projectRoot } from '../local/place.ts';
import { liesOnVolume } from '../local/volume.ts';
import type { Boot, Project, Source } from '../operations/project.ts';
import { folderStore } from '../stores/folder/folder-store.ts';
import { findConfigFile, loadConfigFile } from './config-file.ts';
import { keysFrom } from './identities.ts';
import { type WhichDatabase, whichDatabase } from './which-database.ts';

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
  readonly which: WhichDatabase;
}

/** Puts a project together from flags, environment, configuration file and defaults. Throws USAGE and CONFIG_INVALID. */
export async function openProject(world: World, flags: Config): Promise<OpenedProject> {
  const start = flags.dir === undefined ? world.cwd : dirname(resolve(world.cwd, flags.dir));
  const root = projectRoot(start);
  const configFile = findConfigFile(projectRoot(world.cwd)) ?? findConfigFile(root);
  const file = configFile === undefined ? {} : await loadConfigFile(configFile);
  const environment = configFromEnvironment(world.env);
  const settled = settle(flags, environment, file, world.env, existsSync);
  // What a file says is meant from where it stands, what a person types from where they are.
  const base = (key: 'db' | 'dir') =>
    (flags[key] ?? environment[key]) ? world.cwd : configFile === undefined ? root : dirname(configFile);
  const dir = resolve(base('dir'), settled.dir);
  const store = folderStore(dir);
  const named = settled.db === undefined ? undefined : { target: settled.db, base: base('db') };
  const which = await whichDatabase({ named, root, cwd: world.cwd, env: world.env, store });
  const db = which.file;
  const dbInProject = insideOf(root, db);
  const { prepare, push, remote } = settled;
  const local = localFolder(projectRoot(dirname(dir)));
  // Few have one, and whoever has none is not to wait for it to be loaded.
  const live =
    push === undefined
      ? undefined
      : (await import('../destinations/live-branch.ts')).liveBranch(
          { branch: push, folder: dir, local, remote },
          world.env,
        );
  return {
    root,
    settled,
    configFile,
    which,
    project: {
      database: engines.sqlite(db, { busyTimeout: settled.wait, ...(prepare === undefined ? {} : { prepare }) }),
      ...(dbInProject === undefined ? {} : { dbInProject }),
      local,
      store,
      now: world.now,
      environment: settled.environment,
      host: hostname(),
      ...runsOn(settled, dir),
      // Encrypted backups hold everything that nobody said should stay out.
      privacy: { ...settled.privacy, ...(settled.encrypt ? { byName: false } : {}) },
      publicRemote: settled.publicRemote,
      boot: bootOf(settled, dir, world.env, live),
      ...(live === undefined ? {} : { destinations: [live] }),
      encryption: ageEncryption(keysFrom(world.env), wantedOf(settled)),
      maxShrink: settled.maxShrink,
      retention: settled.retention,
      keepSnapshots: settled.snapshots,
      ignoreTables: settled.ignoreTables,
      wait: settled.wait,
    },
  };
}

/** In one order and each once, whatever the file says: so the same people are the same. */
function wantedOf({ encrypt }: Settled): Wanted | false | undefined {
  if (encrypt === undefined || encrypt === false) return encrypt;
  return { recipients: [...new Set(encrypt.recipients)].sort(), passphrase: encrypt.passphrase === true };
}

/** Backups that reach a branch outlive the host. */
function runsOn({ host, boot, push }: Settled, dir: string): Pick<Project, 'runsOn'> {
  if (host === undefined) return {};
  const loses = host.forgets === 'always' || (host.forgets === 'off-volumes' && !liesOnVolume(dir));
  return { runsOn: { name: host.name, forgets: loses && (boot.branch ?? push) === undefined } };
}

function bootOf({ boot: { branch, ...boot } }: Settled, dir: string, env: World['env'], live?: Source): Boot {
  const committed = branch === undefined ? [] : [branchSource(branch, dir, env)];
  return { ...boot, sources: [...(live === undefined ? [] : [live]), ...committed] };
}
