import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { spanInSeconds } from '../../ci/age.ts';
import type { From } from '../../ci/pulled.ts';
import type { CiReport } from '../../ci/report.ts';
import { runCi } from '../../ci/run.ts';
import { summaryOf } from '../../ci/summary.ts';
import { usage } from '../../core/problems/usage.ts';
import { count } from '../../core/words.ts';
import type { AllowShrink } from '../../operations/guard.ts';
import { ALLOW_SHRINK, allowShrink } from '../allow-shrink.ts';
import { type Invocation, invoke, type Terminal } from '../command.ts';

export function addCi(program: Command, terminal: Terminal): void {
  program
    .command('ci')
    .description('on push: keep what is deployed as a backup on a branch, drill it and prune')
    .option('--from <url>', "bring the data from a running app's panel; the token is in OVERWINTER_TOKEN")
    .option('--branch <name>', 'the branch to push to, made where there is none (default: the one that was pushed)')
    .option('--remote <name>', 'the remote to push to', 'origin')
    .option('--environment <name>', 'where the data is from, and whose age is watched (default: ci, and production)')
    .option('--max-age <span>', 'fail when the newest backup of production is older: 2d, 36h, 1w', span)
    .option(
      ALLOW_SHRINK,
      'save the data even where this table lost rows (may be given again), or any table',
      allowShrink,
    )
    .option('--dry-run', 'do everything but push')
    .addHelpText(
      'after',
      `
With --from URL the running app's data is saved, with --db FILE that database. Without either, the newest backup in the commit
is labelled as what was deployed.
In GitHub Actions a summary of the run is shown with the job.

Examples:
  $ overwinter ci
  $ overwinter ci --branch backups
  $ OVERWINTER_TOKEN=… overwinter ci --from https://app.example.org/settings/backups
  $ overwinter ci --db fetched.db --environment production
  $ overwinter ci --dry-run --max-age 2d`,
    )
    .action((options: Options, command: Command) => {
      const given = command.optsWithGlobals<{ db?: string }>().db;
      if (given !== undefined && options.from !== undefined)
        throw usage('--db and --from exclude each other.', "'overwinter ci --help' says what each is for.")();
      const db = options.from === undefined ? (given ?? terminal.env.OVERWINTER_DB) : undefined;
      const work = (invocation: Invocation) => run(invocation, options, db !== undefined);
      return invoke(terminal, command, work, { noDatabase: true });
    });
}

interface Options {
  readonly from?: string;
  readonly branch?: string;
  readonly remote: string;
  readonly environment?: string;
  readonly maxAge?: number;
  readonly allowShrink?: AllowShrink;
  readonly dryRun?: boolean;
}

async function run(invocation: Invocation, options: Options, readDatabase: boolean): Promise<number> {
  const { project, output, terminal } = invocation;
  const environment = options.environment ?? terminal.env.OVERWINTER_ENVIRONMENT;
  const report = await runCi(project, {
    backups: project.store.label,
    env: terminal.env,
    world: { sleep, random: Math.random, log: output.say },
    readDatabase,
    remote: options.remote,
    allowShrink: options.allowShrink ?? false,
    dryRun: options.dryRun === true,
    onProgress: output.progress,
    ...(options.from === undefined ? {} : { from: await fromApp(options.from, terminal) }),
    ...(environment === undefined || environment === '' ? {} : { environment }),
    ...(options.branch === undefined ? {} : { branch: options.branch }),
    ...(options.maxAge === undefined ? {} : { maxAgeSeconds: options.maxAge }),
  });
  const page = terminal.env.GITHUB_STEP_SUMMARY;
  if (page) await appendFile(page, summaryOf(report));
  for (const { name, reason } of report.skipped) output.warn(`${name} cannot be read: ${reason}`);
  for (const part of report.lost) output.warn(`${part} is missing, and git does not have it either.`);
  if (report.status !== 'failed') output.say(sentence(report));
  if (report.problem !== undefined) throw report.problem;
  const { problem: _, ...document } = report;
  output.result(document, report.backup?.name ?? '');
  return 0;
}

const PATIENCE_MS = 60_000;

/** Throws USAGE where there is no token, or the address would give it away. */
async function fromApp(url: string, { env }: Terminal): Promise<From> {
  const { exportAddress } = await import('../../pull/address.ts');
  const address = exportAddress(url);
  const token = env.OVERWINTER_TOKEN ?? '';
  // What a header cannot hold would be told in the error.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw usage(
      'There is no token in OVERWINTER_TOKEN, or one that cannot be sent.',
      "Keep it as a secret, and give it to this one step: 'gh secret set OVERWINTER_TOKEN', and under 'env' of the step.",
    )();
  return { address, token, web: { fetch, sleep, random: Math.random, patience: PATIENCE_MS } };
}

function sentence({ status, backup, branch, remote, removed, healed }: CiReport): string {
  const where = `${branch} on ${remote}`;
  const more = [
    ...(healed.length === 0 ? [] : [`${count(healed.length, 'part')} brought back`]),
    ...(removed.length === 0 ? [] : [`${count(removed.length, 'old backup')} removed`]),
  ];
  const also = more.length === 0 ? '' : `; ${more.join(', ')}`;
  if (backup === undefined) return `There is no backup yet that could be labelled${also}.`;
  if (backup.how === 'kept') return `${where} has this deployment already: ${backup.name}${also}.`;
  const verb = backup.how === 'saved' ? 'Saved' : 'Labelled';
  const what = `${count(backup.rows, 'row')} as ${backup.name}`;
  return `${status === 'dry-run' ? `Would have ${verb.toLowerCase()}` : verb} ${what} in ${where}${also}.`;
}

function span(value: string): number {
  const seconds = spanInSeconds(value);
  if (seconds === undefined) throw new InvalidArgumentError('It must be a number with m, h, d or w, as in 2d.');
  return seconds;
}
