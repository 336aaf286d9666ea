import { rm } from 'node:fs/promises';
import { withoutSecrets } from '../core/secrets.ts';
import { mustNotBePublic } from '../destinations/public-remote.ts';
import { type BranchWorld, writeToBranch } from '../git/branch.ts';
import type { Environment } from '../git/repository.ts';
import { makeLocalFolder } from '../local/place.ts';
import { knownVisibility, visibilityInEvent } from '../local/readers.ts';
import type { AllowShrink } from '../operations/guard.ts';
import { type OnProgress, type Project, silent } from '../operations/project.ts';
import { staleProblem } from './age.ts';
import { type Attempts, createAttempts } from './attempt.ts';
import { CI_IDENTITY, commitMessage } from './message.ts';
import { type From, type PulledHere, pullInto } from './pulled.ts';
import { type CiReport, emptyReport } from './report.ts';
import { findTarget } from './target.ts';

export interface CiOptions {
  /** The backups folder. */
  readonly backups: string;
  readonly env: Environment;
  readonly world: BranchWorld;
  /** Reads `project.db`. Otherwise the newest backup of the commit is labelled as what was deployed. */
  readonly readDatabase: boolean;
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

/**
 * Puts this deployment's backup on a branch of the remote: heals, saves or labels, drills, prunes, commits, pushes, and looks
 * how fresh production's backups are. The work tree stays as it is. What goes wrong is the report's `problem`, so that it can
 * be shown with everything that went right; only a run that cannot begin throws (USAGE, GIT_FAILED, PUBLIC_REMOTE).
 */
export async function runCi(project: Project, options: CiOptions): Promise<CiReport> {
  const { remote = 'origin', branch } = options;
  const target = await findTarget(options.backups, options.env, { branch, remote });
  const url = await target.repository.askMaybe('config', `remote.${remote}.url`);
  mustNotBePublic(
    project,
    url,
    visibilityInEvent(options.env.GITHUB_EVENT_PATH, url) ?? knownVisibility(project.local, url),
  );
  const report = emptyReport(withoutSecrets(remote), target.branch, target.commit);
  const scratch = makeLocalFolder(project.local, 'scratch', `ci-${process.pid}`);
  const about = (pulled: PulledHere | undefined) => ({
    readDatabase: options.readDatabase,
    pulled,
    environment: options.environment ?? pulled?.environment ?? 'ci',
    watched: options.environment ?? 'production',
    maxAgeSeconds: options.maxAgeSeconds,
    allowShrink: options.allowShrink ?? false,
    onProgress: options.onProgress ?? silent,
  });
  let attempts: Attempts | undefined;
  const write = {
    remote,
    branch: report.branch,
    identity: CI_IDENTITY,
    // Asked for after the files, when it is known what they are.
    get message() {
      return commitMessage(report);
    },
    async files(parent: string | undefined) {
      const files = await attempts?.files(parent);
      return options.dryRun ? [] : (files ?? []);
    },
  };
  try {
    const pulled = options.from && (await pullInto(target, options.from, scratch, report));
    attempts = createAttempts(project, target, about(pulled), report, scratch);
    const { status, commit, tries } = await writeToBranch(target.repository, write, options.world);
    report.status = options.dryRun ? 'dry-run' : status;
    report.pushed = status === 'pushed' ? commit : undefined;
    report.tries = tries;
    if (report.freshness?.stale) report.problem = staleProblem(report.freshness);
  } catch (error) {
    report.problem = error;
  } finally {
    attempts?.close();
    await rm(scratch, { recursive: true, force: true });
  }
  return report;
}
