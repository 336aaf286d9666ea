import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isOf } from '../core/identity.ts';
import { keptAside } from '../core/kept-aside.ts';
import { noRemote } from '../core/problems/git.ts';
import { publicName } from '../core/public-remote.ts';
import { withoutSecrets } from '../core/secrets.ts';
import { type BranchFile, type BranchWorld, writeToBranch } from '../git/branch.ts';
import type { Environment } from '../git/repository.ts';
import { makeLocalFolder } from '../local/place.ts';
import { knownVisibility, visibilityInEvent } from '../local/readers.ts';
import type { AllowShrink } from '../operations/guard.ts';
import { type LocalProject, type OnProgress, type Project, silent } from '../operations/project.ts';
import { mustNotBePublic } from '../operations/public-remote.ts';
import { staleProblem } from './age.ts';
import { type AttemptOptions, type Attempts, createAttempts } from './attempt.ts';
import { CI_IDENTITY, commitMessage } from './message.ts';
import { type From, type PulledHere, pullInto } from './pulled.ts';
import { type CiPart, type CiReport, emptyReport } from './report.ts';
import { findTarget, type Target, targetFor } from './target.ts';

export interface CiOptions {
  readonly env: Environment;
  readonly world: BranchWorld;
  /** Which databases are read. Of the others the newest backup of the commit is labelled as what was deployed. */
  readonly reads: (project: Project) => boolean;
  /** Where the data is from, and whose freshness is watched. Default: `ci`, and `production`. */
  readonly environment?: string;
  /** A running app, whose data is brought here in place of a database. */
  readonly from?: From;
  readonly remote?: string;
  readonly branch?: string;
  readonly maxAgeSeconds?: number;
  readonly allowShrink?: AllowShrink;
  readonly dryRun?: boolean;
  readonly onProgress?: OnProgress;
}

/** The work on one database, and what is said of it. */
interface Run {
  readonly part: CiPart;
  readonly attempts: Attempts;
}

/**
 * Puts this deployment's backups on a branch of the remote, in one commit: heals, saves or labels, drills, prunes, commits, pushes,
 * and looks how fresh production's backups are. The work tree stays as it is. A database for which that fails holds up none of the
 * others. What goes wrong is a `problem` in the report, so that it can be shown with everything that went right; only a run that
 * cannot begin throws (USAGE, GIT_FAILED, PUBLIC_REMOTE).
 */
export async function runCi(
  projects: readonly [LocalProject, ...LocalProject[]],
  options: CiOptions,
): Promise<CiReport> {
  const { remote = 'origin', branch } = options;
  const [first] = projects;
  const target = await findTarget(first.store.path, options.env, { branch, remote });
  const url = await target.repository.askMaybe('config', `remote.${remote}.url`);
  // What has no name of its own is an address.
  if (url === undefined && !/[/:]/.test(remote)) {
    const others = (await target.repository.askMaybe('remote')) ?? '';
    throw noRemote(remote, others.split('\n').filter(Boolean))();
  }
  mustNotBePublic(
    first,
    publicName(url, visibilityInEvent(options.env.GITHUB_EVENT_PATH, url) ?? knownVisibility(first.local, url)),
  );
  const scratch = makeLocalFolder(first.local, 'scratch', `ci-${process.pid}`);
  const runs: Run[] = [];
  let about = projects;
  let report = reportOn(about, target, remote);
  const write = {
    remote,
    branch: report.branch,
    identity: CI_IDENTITY,
    // Asked for after the files, when it is known what they are.
    get message() {
      return commitMessage(report);
    },
    async files(parent: string | undefined) {
      const files: BranchFile[] = [];
      for (const run of runs) files.push(...(await filesOf(run, parent)));
      return options.dryRun ? [] : files;
    },
  };
  try {
    const pulled = options.from && (await pullInto(target, options.from, scratch));
    // An app gives one database, and says which.
    if (pulled !== undefined) about = [projects.find((each) => isGiven(each, pulled)) ?? first];
    report = reportOn(about, target, remote);
    for (const [at, project] of about.entries()) {
      const part = report.parts[at];
      if (part === undefined) continue;
      part.pulled = pulled?.facts;
      const place = project === first ? target : await targetFor(target, project.store.path, options.env);
      const how = attemptOptions(options, project, pulled, `${report.remote}/${report.branch}`);
      runs.push({ part, attempts: createAttempts(project, place, how, part, join(scratch, String(at))) });
    }
    const { status, commit, tries } = await writeToBranch(target.repository, write, options.world);
    const place = `the branch ${report.branch} of ${report.remote}`;
    for (const part of report.parts)
      if (part.refused !== undefined && options.dryRun) part.problem = part.refused.problem;
      else if (part.refused !== undefined) part.problem = keptAside(part.refused.problem, part.refused.name, place);
    const allFailed = report.parts.every(({ problem }) => problem !== undefined);
    report.status = allFailed ? 'failed' : options.dryRun ? 'dry-run' : status;
    report.pushed = status === 'pushed' ? commit : undefined;
    report.tries = tries;
    for (const part of report.parts) if (part.freshness?.stale) part.problem ??= staleProblem(part.freshness);
  } catch (error) {
    report.problem = error;
  } finally {
    for (const { attempts } of runs) attempts.close();
    await rm(scratch, { recursive: true, force: true });
  }
  return report;
}

const reportOn = (projects: readonly Project[], { branch, commit }: Target, remote: string): CiReport =>
  emptyReport(
    withoutSecrets(remote),
    branch,
    commit,
    projects.map(({ identity }) => identity.name),
  );

const isGiven = ({ identity }: Project, { opened }: PulledHere) => isOf(identity, opened.manifest.metadata);

/** One that failed is not tried again: what it came to is what is said of it. */
async function filesOf({ part, attempts }: Run, parent: string | undefined): Promise<readonly BranchFile[]> {
  if (part.problem !== undefined) return [];
  try {
    return await attempts.files(parent);
  } catch (error) {
    part.problem = error;
    part.backup = undefined;
    return [];
  }
}

function attemptOptions(
  options: CiOptions,
  project: Project,
  pulled: PulledHere | undefined,
  branch: string,
): AttemptOptions {
  return {
    readDatabase: options.reads(project),
    pulled,
    branch,
    environment: options.environment ?? pulled?.environment ?? 'ci',
    watched: options.environment ?? 'production',
    maxAgeSeconds: options.maxAgeSeconds,
    allowShrink: options.allowShrink ?? false,
    onProgress: options.onProgress ?? silent,
  };
}
