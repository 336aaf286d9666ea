import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { type HookOptions, type HookResult, postCommit, preCommit } from '../../commit/hook.ts';
import type { Config } from '../../core/config.ts';
import { EXIT_CODES, OverwinterError, reasonOf } from '../../core/errors.ts';
import { manifestFile, POINTER_FILE } from '../../core/names.ts';
import { openRepository } from '../../git/repository.ts';
import { databaseSignature, remember } from '../../local/unchanged.ts';
import { stagedNow } from '../../local/unchanged-commit.ts';
import { settingsFiles } from '../../project/config-file.ts';
import { type OpenedProject, openProject } from '../../project/open-project.ts';
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
    .action((_options: unknown, command: Command) =>
      run(terminal, command, (_opened, options) => postCommit({ ...options })),
    );
  for (const command of hook.commands) {
    command.exitOverride();
    for (const option of program.options) if (option.long !== '--version') command.addOption(option);
  }
}

type Work = (opened: OpenedProject, options: HookOptions, terminal: Terminal) => Promise<HookResult>;

/** A hook explains itself in one line and never stops the commit, unless the project asked for that. */
async function run(terminal: Terminal, command: Command, work: Work): Promise<void> {
  const { db, dir } = command.optsWithGlobals<Options>();
  const flags: Config = { ...(db === undefined ? {} : { db }), ...(dir === undefined ? {} : { dir }) };
  const log = (line: string) => void terminal.err.write(`${line}\n`);
  let strict = false;
  try {
    const opened = await openProject(terminal, flags);
    strict = opened.settled.hook.strict;
    const options = { cwd: terminal.cwd, backups: opened.project.store.label, env: terminal.env, log, strict };
    const result = await work(opened, options, terminal);
    outputOf(terminal, command.optsWithGlobals()).result(documentOf(result), '');
  } catch (error) {
    const consequence = strict ? 'the commit is stopped' : 'the commit goes on without a backup';
    const hint = error instanceof OverwinterError ? ` ${error.hint}` : '';
    log(`overwinter: ${reasonOf(error).replaceAll('\n', ' ')} (${consequence})${hint}`);
    if (strict) log("'git commit --no-verify' commits without a backup.");
    process.exitCode = strict ? STOP : 0;
  }
}

function documentOf(result: HookResult): unknown {
  return result.status === 'failed' ? { status: result.status, reason: reasonOf(result.error) } : result;
}

async function beforeCommit(opened: OpenedProject, options: HookOptions, terminal: Terminal): Promise<HookResult> {
  const { project, configFile, root, which } = opened;
  // Taken before the database is read: whatever is written meanwhile makes the next run look again.
  const file = project.database.file?.path;
  const signature = file === undefined ? undefined : databaseSignature(file);
  const result = await preCommit(project, options);
  if (result.status !== 'saved' && result.status !== 'unchanged') return result;
  const repository = await openRepository(options.backups, options.env);
  const staged =
    repository && stagedNow(repository.top, slashed(relative(repository.top, options.backups)), terminal.env);
  if (repository === undefined || staged === undefined) return result;
  // The branch decides about the pointer; a backup that came from elsewhere changes the folder.
  const files = [result.name].map(manifestFile).concat(POINTER_FILE);
  const watched = [
    join(repository.gitDir, 'HEAD'),
    options.backups,
    ...files.map((file) => join(options.backups, file)),
  ];
  // One that is not there may be written later.
  const settings = settingsFiles(root, configFile);
  const words = { stdout: '', stderr: '', staged };
  remember(terminal, file, signature, [...watched, ...settings], words, which.variables);
  return result;
}

const slashed = (path: string) => path.replaceAll('\\', '/');
