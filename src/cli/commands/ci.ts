import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { spanInSeconds } from '../../ci/age.ts';
import { happeningsOf } from '../../ci/happenings.ts';
import { type PullRequest, pullRequestOf } from '../../ci/pull-request.ts';
import type { From } from '../../ci/pulled.ts';
import type { CiPart, CiReport } from '../../ci/report.ts';
import { runCi } from '../../ci/run.ts';
import { summaryOf } from '../../ci/summary.ts';
import { exitCodeOf } from '../../core/errors.ts';
import { hint, overwinter, program } from '../../core/hint.ts';
import { usage } from '../../core/problems/usage.ts';
import { placeOf } from '../../core/target.ts';
import { count } from '../../core/words.ts';
import { readIfThere } from '../../files/if-there.ts';
import type { Alarms } from '../../notify/alarms.ts';
import { failed } from '../../notify/what-happened.ts';
import type { AllowShrink } from '../../operations/guard.ts';
import type { Project } from '../../operations/project.ts';
import { withNamedCommands } from '../../project/named-commands.ts';
import { namedDatabase } from '../../project/which-database.ts';
import { withAlarms } from '../alarms.ts';
import { ALLOW_SHRINK, allowShrink } from '../allow-shrink.ts';
import { headingOf, type Invocation, invokeTogether, type Terminal } from '../command.ts';
import type { Output } from '../output.ts';
import { errorDocument, errorLines } from '../print-error.ts';

export function addCi(program: Command, terminal: Terminal): void {
  program
    .command('ci')
    .description('on push: keep what is deployed as a backup on a branch, drill it and prune')
    .option('--app <url>', "bring the data from a running app's panel; the token is in OVERWINTER_TOKEN")
    .option('--branch <name>', 'the branch to push to, made where there is none (default: the one that was pushed)')
    .option('--remote <name>', 'the remote to push to', 'origin')
    .option('--environment <name>', 'where the data is from, and whose age is watched (default: ci, and production)')
    .option('--max-age <span>', 'fail when the newest backup of production is older: 2d, 36h, 1w', span)
    .option(
      ALLOW_SHRINK,
      'save the data even where this table lost rows (may be given again), or any table',
      allowShrink,
    )
    .option('-n, --dry-run', 'do everything but push')
    .addHelpText(
      'after',
      `
With --app URL the running app's data is saved, with --db FILE that database. Without either, the newest backup in the commit
is labelled as what was deployed. Of several databases each is, in one commit; --db NAME is about one of them, which is saved
where its file is there.
In GitHub Actions a summary of the run is shown with the job. For a pull request nothing is pushed: a comment on it, kept up to date, says
what it does to the rows.

Examples:
  $ overwinter ci
  $ overwinter ci --branch backups
  $ OVERWINTER_TOKEN=… overwinter ci --app https://app.example.org/settings/backups
  $ overwinter ci --db fetched.db --environment production
  $ overwinter ci --dry-run --max-age 2d`,
    )
    .action((options: Options, command: Command) => {
      const given = command.optsWithGlobals<{ db?: string }>().db;
      if (given !== undefined && options.app !== undefined)
        throw usage('--db and --app exclude each other.', hint`${overwinter('ci', '--help')} says what each is for.`)();
      const db = options.app === undefined ? given || terminal.env.OVERWINTER_DB || undefined : undefined;
      return withAlarms(terminal, (alarms) =>
        invokeTogether(
          terminal,
          command,
          async (all) => run(all, options, db, isTold(options) ? await alarms(all[0]) : undefined),
          { noDatabase: true },
        ),
      ).then(() => {});
    });
}

interface Options {
  readonly app?: string;
  readonly branch?: string;
  readonly remote: string;
  readonly environment?: string;
  readonly maxAge?: number;
  readonly allowShrink?: AllowShrink;
  readonly dryRun?: boolean;
}

/** Who tries it without pushing sees what comes of it. A schedule that only looks how old the data is, nobody sees. */
const isTold = ({ dryRun, maxAge }: Options) => dryRun !== true || maxAge !== undefined;

type Invocations = readonly [Invocation, ...Invocation[]];

async function run(
  all: Invocations,
  options: Options,
  db: string | undefined,
  alarms: Alarms | undefined,
): Promise<number> {
  const [{ project, output, terminal, root }, ...others] = all;
  const environment = options.environment ?? terminal.env.OVERWINTER_ENVIRONMENT;
  const pull = pullRequest(terminal);
  const named = db === undefined ? undefined : { db, file: fileMeant(db, root, terminal) };
  const beginning = runCi([project, ...others.map((each) => each.project)], {
    env: terminal.env,
    world: { sleep, random: Math.random, log: output.say },
    reads: (each) => named !== undefined && mustRead(each, named, others.length > 0),
    remote: options.remote,
    allowShrink: options.allowShrink ?? false,
    // What nobody has merged yet is deployed nowhere.
    dryRun: options.dryRun === true || pull !== undefined,
    onProgress: output.progress,
    ...(options.app === undefined ? {} : { from: await fromApp(options.app, terminal) }),
    ...(environment === undefined || environment === '' ? {} : { environment }),
    ...branchOf(options.branch ?? pull?.into),
    ...(options.maxAge === undefined ? {} : { maxAgeSeconds: options.maxAge }),
  });
  const report = await beginning.catch(async (error: unknown) => {
    for (const { project: each } of all) await alarms?.tell(failed({ project: each, root, subject: 'backup' }, error));
    throw error;
  });
  for (const { project: each } of all)
    for (const happening of happeningsOf(report, each, { root, environment })) await alarms?.tell(happening);
  const page = terminal.env.GITHUB_STEP_SUMMARY;
  if (page) await appendFile(page, summaryOf(report));
  if (pull !== undefined) {
    const { tellReviewers } = await import('../../ci/tell-reviewers.ts');
    const told = await tellReviewers([project, ...others.map((each) => each.project)], report, pull, terminal.env);
    if (told.isWarning) output.warn(told.text);
    else output.say(told.text);
  }
  if (report.problem !== undefined) throw report.problem;
  const { parts, problem: _, ...common } = report;
  const [only] = parts;
  if (only !== undefined && parts.length === 1) {
    sayPart(report, only, output);
    if (only.problem !== undefined) throw only.problem;
    const { problem: __, name: ___, ...about } = only;
    output.result({ ...common, ...about }, about.backup?.name ?? '');
    return 0;
  }
  const said = all.flatMap((invocation) => parts.filter(isAbout(invocation)).map((part) => ({ invocation, part })));
  const problems = said.map(({ invocation, part }) => sayAmongSeveral(report, part, invocation));
  if (output.json) {
    const documents = said.map(({ part: { problem, name, ...about } }, at) => [
      name,
      { ...about, ...(problem === undefined ? {} : errorDocument(problems[at])) },
    ]);
    output.result({ ...common, databases: Object.fromEntries(documents) }, '');
  }
  return Math.max(...problems.map((problem) => (problem === undefined ? 0 : exitCodeOf(problem))));
}

const branchOf = (branch: string | undefined) => (branch === undefined ? {} : { branch });

function pullRequest({ env }: Terminal): PullRequest | undefined {
  const file = env.GITHUB_EVENT_PATH;
  return pullRequestOf(env, file === undefined || file === '' ? undefined : readIfThere(file));
}

const isAbout =
  ({ project }: Invocation) =>
  ({ name }: CiPart) =>
    name === project.identity.name;

/** Returns what is wrong, in the words of this call. */
function sayAmongSeveral(report: CiReport, part: CiPart, { project, output, name }: Invocation): unknown {
  if (!output.json) output.result({}, headingOf(project, output));
  sayPart(report, part, output);
  if (!output.json) output.result({}, part.backup?.name ?? '');
  if (part.problem === undefined) return undefined;
  const problem = withNamedCommands(part.problem, name);
  if (!output.json) output.complain(errorLines(problem, output));
  return problem;
}

function sayPart(report: CiReport, part: CiPart, output: Output): void {
  for (const { name, reason } of part.skipped) output.warn(`${name} cannot be read: ${reason}`);
  for (const file of part.lost) output.warn(`${file} is missing, and git does not have it either.`);
  const isStale = part.freshness?.stale === true;
  if (part.problem === undefined || (isStale && report.status !== 'failed')) output.say(sentence(report, part));
}

interface Named {
  readonly db: string;
  readonly file: string | undefined;
}

/** What is named by its file must be there. By its name, and beside one that is, a database is read where it is. */
function mustRead({ identity, database }: Project, { db, file }: Named, isOneOfSeveral: boolean): boolean {
  const path = database.file?.path;
  const isCertain = path === undefined || path === file || (!isOneOfSeveral && db !== identity.name);
  return isCertain || existsSync(path);
}

function fileMeant(target: string, root: string, { cwd, env }: Terminal): string | undefined {
  return placeOf(namedDatabase({ root, cwd, env }, { target, base: cwd }).target);
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
      hint`Keep it as a secret, and give it to this one step: ${program('gh', 'secret', 'set', 'OVERWINTER_TOKEN')}, and under 'env' of the step.`,
    )();
  return { address, token, web: { fetch, sleep, random: Math.random, patience: PATIENCE_MS } };
}

function sentence({ status, branch, remote }: CiReport, { backup, removed, healed }: CiPart): string {
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
