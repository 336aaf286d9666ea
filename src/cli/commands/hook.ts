import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { type HookOptions, type HookResult, postCommit, preCommit } from '../../commit/hook.ts';
import type { Config } from '../../core/config.ts';
import { EXIT_CODES, OverwinterError, reasonOf } from '../../core/errors.ts';
import { git, hint, hintText } from '../../core/hint.ts';
import { manifestFile, POINTER_FILE } from '../../core/names.ts';
import { printableLine } from '../../core/visible.ts';
import type { Repository } from '../../git/repository.ts';
import { type Remembered, remember, toRemember } from '../../local/unchanged.ts';
import { stagedNow } from '../../local/unchanged-commit.ts';
import { alarmsOf } from '../../notify/open-alarms.ts';
import { failed, succeeded } from '../../notify/what-happened.ts';
import { settingsFiles } from '../../project/config-file.ts';
import { type OpenedProjects, openProjects } from '../../project/open-project.ts';
import { serverToRemember } from '../../project/server-to-remember.ts';
import { untilToldAgain } from '../alarms.ts';
import { outputOf, type Terminal } from '../command.ts';

/** What a strict hook ends with. The shell around it takes anything else for a fault of the hook's, and lets the commit be. */
const STOP = EXIT_CODES.BACKUP_SHRUNK;

interface Options {
  readonly db?: string;
  readonly dir?: string;
}

export function addHook(program: Command, terminal: Terminal): void {
  const hook = program.command('hook').description("called by git's hooks, which 'overwinter init' sets up");
  hook
    .command('pre-commit')
    .description('save the database into the commit that is being made')
    .action((_options: unknown, command: Command) => run(terminal, command, beforeCommit));
  hook
    .command('post-commit')
    .description("tidy what 'git commit -- path' leaves behind")
    .action((_options: unknown, command: Command) => run(terminal, command, (_opened, options) => postCommit(options)));
  for (const command of hook.commands) {
    command.exitOverride();
    for (const option of program.options) if (option.long !== '--version') command.addOption(option);
  }
}

type Work = (opened: OpenedProjects, options: HookOptions, terminal: Terminal) => Promise<object>;

/** A hook explains itself in one line and never stops the commit, unless the project asked for that. */
async function run(terminal: Terminal, command: Command, work: Work): Promise<void> {
  const { db, dir } = command.optsWithGlobals<Options>();
  const flags: Config = { ...(db === undefined ? {} : { db }), ...(dir === undefined ? {} : { dir }) };
  const log = (line: string) => void terminal.err.write(`${printableLine(line)}\n`);
  let strict = false;
  try {
    const opened = await openProjects(terminal, flags);
    strict = opened.settled.hook.strict;
    const { configFile, root } = opened;
    const options = { cwd: terminal.cwd, env: terminal.env, log, strict, named: { dir, configFile, root } };
    const document = await work(opened, options, terminal);
    outputOf(terminal, command.optsWithGlobals()).result(document, '');
  } catch (error) {
    const consequence = strict ? 'the commit is stopped' : 'the commit goes on without a backup';
    const next = error instanceof OverwinterError ? ` ${error.hint}` : '';
    log(`overwinter: ${reasonOf(error).replaceAll('\n', ' ')} (${consequence})${next}`);
    if (strict) log(hintText(hint`${git('commit', '--no-verify')} commits without a backup.`));
    process.exitCode = strict ? STOP : 0;
  }
}

function documentOf(result: HookResult): object {
  return result.status === 'failed' ? { status: result.status, reason: reasonOf(result.error) } : result;
}

async function beforeCommit(opened: OpenedProjects, options: HookOptions, terminal: Terminal): Promise<object> {
  const { projects } = opened;
  // Taken before the databases are read: whatever is written meanwhile makes the next run look again.
  const known = projects.map(toRemember);
  const watched = projects.map((project, at) => ({ ...project, onFiles: known[at]?.onFiles ?? (() => {}) }));
  let told: readonly HookResult[] = [];
  let repository: Repository | undefined;
  const onResults: HookOptions['onResults'] = (each, of) => {
    told = each;
    repository = of;
  };
  const results = await preCommit(watched, { ...options, onResults }).finally(() => tell(opened, told, terminal));
  if (repository !== undefined) await rememberAll(opened, repository, known, results, terminal);
  const documents = projects.map(({ identity }, at): [string, object] => [
    identity.name,
    documentOf(results[at] ?? { status: 'skipped', reason: 'nothing was staged' }),
  ]);
  const [[, only = {}] = ['', {}]] = documents;
  return documents.length === 1 ? only : { databases: Object.fromEntries(documents) };
}

/** Another process sends what is due: no commit waits for that. */
async function tell(
  { projects, root, settled }: OpenedProjects,
  results: readonly HookResult[],
  terminal: Terminal,
): Promise<void> {
  const alarms = await alarmsOf(settled.notify, projects[0], terminal.env);
  if (alarms === undefined) return;
  for (const [at, project] of projects.entries()) {
    const result = results[at];
    const about = { project, root, subject: 'backup' } as const;
    if (result?.status === 'failed') await alarms.tell(failed(about, result.error));
    else if (result !== undefined && result.status !== 'skipped')
      await alarms.tell(succeeded(about, result.status === 'saved'));
  }
  alarms.sendOff();
}

/** So that the next commit that finds nothing changed need not look, where every database was saved. */
async function rememberAll(
  { projects, root, configFile, which, settled }: OpenedProjects,
  repository: Pick<Repository, 'top' | 'gitDir'>,
  known: readonly Remembered[],
  results: readonly HookResult[],
  terminal: Terminal,
): Promise<void> {
  // The others' folders are in the first one's.
  const folder = projects[0].store.path;
  const names = results.flatMap((result) => ('name' in result ? [result.name] : []));
  if (names.length < projects.length) return;
  const staged = stagedNow(repository.top, slashed(relative(repository.top, folder)), terminal.env);
  if (staged === undefined) return;
  const [project] = projects;
  const server = serverToRemember({ project, which, root, backup: names[0] ?? '' }, terminal);
  // The branch decides about the pointer; a backup that came from elsewhere changes the folder.
  const watched = () => [
    join(repository.gitDir, 'HEAD'),
    ...projects.flatMap(({ store: { label } }, at) => [
      label,
      join(label, manifestFile(names[at] ?? '')),
      join(label, POINTER_FILE),
    ]),
    // One that is not there may be written later.
    ...settingsFiles(root, configFile),
  ];
  remember(
    terminal,
    known.map((each) => ({ ...each, server })),
    watched,
    { stdout: '', stderr: '', staged, ...untilToldAgain({ settled, project: projects[0] }) },
    which.variables,
  );
}

const slashed = (path: string) => path.replaceAll('\\', '/');
