import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { spanInSeconds } from '../../ci/age.ts';
import type { CiReport } from '../../ci/report.ts';
import { runCi } from '../../ci/run.ts';
import { summaryOf } from '../../ci/summary.ts';
import { type Invocation, invoke, type Terminal } from '../command.ts';
import { count } from '../words.ts';

export function addCi(program: Command, terminal: Terminal): void {
  program
    .command('ci')
    .description('on push: keep what is deployed as a backup on a branch, drill it and prune')
    .option('--branch <name>', 'the branch to push to, made where there is none (default: the one that was pushed)')
    .option('--remote <name>', 'the remote to push to', 'origin')
    .option('--environment <name>', 'where the data is from, and whose age is watched (default: ci, and production)')
    .option('--max-age <span>', 'fail when the newest backup of production is older: 2d, 36h, 1w', span)
    .option('--allow-shrink', 'save the database even where rows were lost')
    .option('--dry-run', 'do everything but push')
    .addHelpText(
      'after',
      `
With --db FILE the database is saved. Without it, the newest backup in the commit is labelled as what was deployed.
In GitHub Actions a summary of the run is shown with the job.

Examples:
  $ overwinter ci
  $ overwinter ci --branch backups
  $ overwinter ci --db fetched.db --environment production
  $ overwinter ci --dry-run --max-age 2d`,
    )
    .action((options: Options, command: Command) => {
      const db = command.optsWithGlobals<{ db?: string }>().db ?? terminal.env.OVERWINTER_DB;
      // What a configuration names is the app's own database, which no runner has.
      const defaults = db === undefined ? { db: 'no-database.db' } : {};
      return invoke(terminal, command, (invocation) => run(invocation, options, db !== undefined), defaults);
    });
}

interface Options {
  readonly branch?: string;
  readonly remote: string;
  readonly environment?: string;
  readonly maxAge?: number;
  readonly allowShrink?: boolean;
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
    allowShrink: options.allowShrink === true,
    dryRun: options.dryRun === true,
    onProgress: output.progress,
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
