import { join } from 'node:path';
import { heal } from '../commit/heal.ts';
import { unlessHindered } from '../core/damage.ts';
import type { OverwinterError } from '../core/errors.ts';
import { type Identity, identityIn } from '../core/identity.ts';
import { isLoss } from '../core/kept-aside.ts';
import type { Origin } from '../core/manifest.ts';
import { saysTheSame } from '../core/privacy/left-out.ts';
import { drillFailed } from '../core/problems/restoring.ts';
import type { BranchFile } from '../git/branch.ts';
import { type BackupOptions, backup } from '../operations/backup.ts';
import { type Entry, openBackup, readCatalog } from '../operations/catalog.ts';
import { movePointer, mustNotBePlainer } from '../operations/copy-newest.ts';
import { diff } from '../operations/diff.ts';
import { copyMustLookFamiliar } from '../operations/familiar.ts';
import type { AllowShrink } from '../operations/guard.ts';

import { mustBeOurs } from '../operations/ours.ts';
import type { OnProgress, Project } from '../operations/project.ts';
import { prune } from '../operations/prune.ts';
import { verify } from '../operations/verify.ts';
import { type BranchStore, branchStore } from '../stores/git/branch-store.ts';
import { freshness } from './age.ts';
import { type Placed, place, placedAs, type Refused, refused, type Source } from './place.ts';
import { labelled, type PulledHere } from './pulled.ts';
import type { CiPart } from './report.ts';
import { newestOfCommit } from './source.ts';
import type { Target } from './target.ts';

export interface AttemptOptions {
  readonly readDatabase: boolean;
  /** What a running app gave, in place of a database. */
  readonly pulled: PulledHere | undefined;
  readonly environment: string;
  readonly watched: string;
  readonly maxAgeSeconds: number | undefined;
  readonly allowShrink: AllowShrink;
  readonly onProgress: OnProgress;
  /** What the branch is called, with its remote. */
  readonly branch: string;
}

/** Makes the branch's next state out of the one it is in; called anew whenever somebody else was faster. */
export interface Attempts {
  files(parent: string | undefined): Promise<BranchFile[]>;
  close(): void;
}

/** Reading the database and the restore drill are done once; what follows from the branch's state is done at every try. */
export function createAttempts(
  project: Project,
  target: Target,
  options: AttemptOptions,
  part: CiPart,
  scratch: string,
): Attempts {
  const { repository, inside, commit, leading } = target;
  const origin: Origin = { environment: options.environment, trigger: 'ci', commit };
  const opened: BranchStore[] = [];
  let source: Source | undefined;

  async function open(at: string | undefined, label: string): Promise<BranchStore> {
    const folder = join(scratch, String(opened.length));
    const store = await branchStore(repository, {
      label,
      id: `${repository.gitDir}:${label}`,
      commit: at,
      inside,
      scratch: folder,
    });
    opened.push(store);
    return store;
  }

  let committedStore: Promise<BranchStore> | undefined;
  /** The backups of the commit. */
  const committed = () => {
    committedStore ??= open(commit, `${commit.slice(0, 10)}:${inside}`);
    return committedStore;
  };
  /** A runner's file is a copy, under whatever name: what it is of is what the backups before it are of, or the one an app gives. */
  async function knownIdentity(newest: Entry | undefined): Promise<Identity | undefined> {
    const known = newest ?? (await committedNewest()) ?? options.pulled?.opened.manifest;
    return known && identityIn(known.metadata);
  }

  /** What the commit has, for a branch that has nothing yet. */
  async function committedNewest(): Promise<Entry | undefined> {
    return (await readCatalog(await committed())).entries[0];
  }

  async function begin(
    here: Project,
    parent: string | undefined,
    newest: Entry | undefined,
  ): Promise<Placed | Refused | undefined> {
    const { pulled } = options;
    if (pulled !== undefined) {
      const known = newest !== undefined && saysTheSame(newest.metadata, pulled.opened.manifest.metadata);
      source = {
        opened: await labelled(here, pulled, origin),
        store: pulled.store,
        kind: known ? 'unchanged' : 'changed',
      };
      return undefined;
    }
    if (!options.readDatabase) {
      source = await newestOfCommit(target, here.store, await committed());
      return undefined;
    }
    const before = newest ?? (await committedNewest());
    await copyMustLookFamiliar(project, here.identity, before, newest === undefined ? await committed() : here.store);
    const { allowShrink, onProgress } = options;
    const how = {
      kind: 'deployment',
      trigger: 'ci',
      allowShrink,
      leavePointer: true,
      onProgress,
      elsewhere: await committed(),
    } as const;
    // A runner's file is a copy: where the app keeps its own is what the backups before say.
    const saved = await backup(here, how).catch((error: unknown) => {
      if (!isLoss(error)) throw error;
      return { refusal: error };
    });
    if ('refusal' in saved) return keepRefused(here, parent, { ...how, kind: 'conflict' }, saved.refusal);
    const kind = saved.status === 'created' ? 'changed' : 'unchanged';
    source = { opened: await openBackup(here.store, saved.name), store: here.store, kind };
    return kind === 'changed' ? placedAs('saved', source.opened, undefined) : undefined;
  }

  /** It is saved beside the store first: what the branch keeps aside already is not to be there twice. */
  async function keepRefused(
    here: Project,
    parent: string | undefined,
    how: BackupOptions,
    problem: OverwinterError,
  ): Promise<Refused> {
    const store = await open(parent, here.store.label);
    const { name } = await backup({ ...here, store }, how);
    source = { opened: await openBackup(store, name), store, kind: 'changed' };
    return refused(source, here.store, problem);
  }

  return {
    async files(parent) {
      const first = opened.length === 0;
      const store = await open(parent, `${options.branch}:${inside}`);
      const { healed, lost } = await heal(repository, store, { among: 'all' });
      const before = await readCatalog(store);
      const [newest] = before.entries;
      const identity = project.folderOf ?? (await knownIdentity(newest)) ?? project.identity;
      const here: Project = { ...project, identity, store, environment: options.environment, commit };
      if (options.pulled !== undefined) mustBeFor(here, options.pulled, before.entries);
      let placed = first ? await begin(here, parent, before.entries[0]) : undefined;
      if (source !== undefined) placed ??= await place(here, source, origin, options.allowShrink, await committed());
      if (placed?.how === 'refused') {
        part.refused = placed;
        // What the try before came to was not pushed.
        part.backup = undefined;
        part.diff = undefined;
        part.freshness = undefined;
        if (leading) part.removed = (await prune(here, project.retention, false, () => false)).removed;
        return store.changes();
      }
      part.refused = undefined;
      const drilled = placed?.name ?? before.entries[0]?.name;
      if (part.verified === undefined && drilled !== undefined) await drill(here, drilled, options.onProgress, part);
      part.diff = placed && (await difference(here, placed, before.entries));
      const after = (await readCatalog(store)).entries;
      if (leading) {
        const also = [...newestOfEach(after), ...(placed === undefined ? [] : [placed.name])];
        part.removed = (await prune(here, project.retention, false, ({ name }) => !also.includes(name))).removed;
        await movePointer(store);
      }
      part.backup = placed;
      part.healed = healed;
      part.lost = lost;
      part.skipped = before.unreadable;
      if (options.maxAgeSeconds !== undefined) {
        const found = freshness(after, options.watched, options.maxAgeSeconds, project.now());
        // A database that was read just now and had not changed is as fresh as it can be.
        const read = options.readDatabase || options.pulled !== undefined;
        const seen = read && options.watched === options.environment;
        part.freshness = seen ? { ...found, newest: placed?.name, ageSeconds: 0, stale: false } : found;
      }
      return store.changes();
    },
    close() {
      for (const store of opened) store.close();
    },
  };
}

/** Throws ANOTHER_DATABASE and ENCRYPTION_OFF where what an app gave cannot stand beside the backups there are. */
function mustBeFor(here: Project, { opened }: PulledHere, entries: readonly Entry[]): void {
  mustBeOurs(here, 'the running app', [opened.manifest]);
  mustNotBePlainer(here, opened, here.store, entries);
}

/** Throws VERIFY_FAILED, and then nothing is pushed. */
async function drill(here: Project, name: string, onProgress: OnProgress, part: CiPart): Promise<void> {
  const [verified] = await verify(here, { name }, onProgress);
  part.verified = verified;
  if (verified?.ok === false) throw drillFailed(name, verified.problem ?? 'it did not restore')();
}

/** Against the backup before; for a label, against what was deployed before. */
async function difference(here: Project, placed: Placed, before: readonly Entry[]): Promise<CiPart['diff']> {
  if (placed.how === 'kept') return undefined;
  const other =
    placed.how === 'saved'
      ? before[0]
      : before.find(({ name }) => name !== placed.of && name.startsWith('deployment_'));
  // A backup before that is damaged is no reason to hold a good one back.
  return other && diff(here, other.name, placed.name, 0).catch(unlessHindered);
}

/** A label must not outlive the backup it labels where that is all there is from its environment. */
function newestOfEach(entries: readonly Entry[]): string[] {
  const seen = new Map<string, string>();
  for (const { name, metadata } of entries) {
    if (!seen.has(metadata.origin.environment)) seen.set(metadata.origin.environment, name);
  }
  return [...seen.values()];
}
