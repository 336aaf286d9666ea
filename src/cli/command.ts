import type { Command } from 'commander';
import { COMMAND_NAMES } from '../core/command-names.ts';
import type { Config } from '../core/config.ts';
import { exitCodeOf } from '../core/errors.ts';
import type { Command as Advised, Namer } from '../core/hint.ts';
import { systemProblem } from '../core/system-problem.ts';
import type { LocalProject, Project } from '../operations/project.ts';
import { namedCommands, withNamedCommands } from '../project/named-commands.ts';
import { type Needs, type OpenedProject, openProjects, theOneOf, type World } from '../project/open-project.ts';
import { onStore, remoteNamed } from '../project/other-store.ts';
import type { Remote } from '../stores/store.ts';
import { orElsewhere } from './or-elsewhere.ts';
import { columnsOf, createOutput, type Output, type Streams } from './output.ts';
import { errorDocument, errorLines } from './print-error.ts';

/** Everything a command runs in. Tests and `main` put in theirs. */
export interface Terminal extends World, Streams {
  /** Called once with what the command could be remembered by; see `local/unchanged.ts`. */
  readonly argv: readonly string[];
}

export interface Invocation extends Pick<OpenedProject, 'project' | 'root' | 'configFile' | 'which' | 'settled'> {
  readonly output: Output;
  readonly terminal: Terminal;
  /** The project with the store that `--store` names, where it does: for whatever looks into backups. */
  readonly at: Project;
  /** The other place that a word of this call means. */
  readonly remoteNamed: (given: string) => Promise<Remote>;
  /** How many databases this call is about. */
  readonly siblings: number;
  /** Puts the names of this call into the commands of a hint that does not go through `output`. */
  readonly name: Namer;
}

interface GlobalOptions {
  readonly db?: string;
  readonly dir?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** Of the commands that have it. */
  readonly store?: string;
  readonly color?: boolean;
}

type Work = (invocation: Invocation) => Promise<number | undefined>;

export interface Calling extends Needs {
  /** What holds where the flags say nothing. */
  readonly defaults?: Config;
  /** The backup that the call is about: where the project has several databases, it tells which. */
  readonly backup?: string | undefined;
}

/**
 * Opens the project as the global options say and runs `work` for its one database; what it returns is the exit code. Throws USAGE where
 * the project has several and nothing tells which is meant.
 */
export async function invoke(terminal: Terminal, command: Command, work: Work, calling: Calling = {}): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const { projects, ...settings } = await openProjects(terminal, flagsOf(options, calling), calling);
  const project = await theOneOf(projects, calling.backup, (db) => askedOf(terminal, command, db));
  const named = namedIn(options, projects, project);
  const outcome = await runIn({ ...settings, project, siblings: 1 }, { terminal, options: named, work });
  if ('error' in outcome) throw outcome.error;
  process.exitCode = outcome.code;
}

/**
 * The same for each database of the project, one after another; with one that fails the others are done all the same. With `--json`
 * several have one document: `{ databases: { <name>: … } }`.
 */
export async function invokeEach(
  terminal: Terminal,
  command: Command,
  work: Work,
  calling: Calling & {
    /** What is to be said of all, and stand in the document beside them. */ readonly summary?: (
      output: Output,
    ) => object;
  } = {},
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const { projects, ...settings } = await openProjects(terminal, flagsOf(options, calling), calling);
  const isNamed = calling.backup !== undefined && calling.backup !== 'latest';
  if (projects.length === 1 || isNamed) return invoke(terminal, command, work, calling);
  const overall = outputOf(terminal, options);
  const documents = new Map<string, unknown>();
  const codes: number[] = [];
  for (const project of projects) {
    const { name } = project.identity;
    const collect = (document: unknown) => void documents.set(name, document);
    if (!overall.json) overall.result({}, headingOf(project, overall));
    const named = namedIn(options, projects, project);
    const outcome = await runIn(
      { ...settings, project, siblings: projects.length },
      { terminal, options: named, work, collect },
    );
    if ('error' in outcome && overall.json) collect(errorDocument(outcome.error));
    else if ('error' in outcome) overall.complain(errorLines(outcome.error, overall));
    codes.push('error' in outcome ? exitCodeOf(outcome.error) : outcome.code);
  }
  const common = calling.summary?.(overall) ?? {};
  if (overall.json) overall.result({ ...common, databases: Object.fromEntries(documents) }, '');
  process.exitCode = codes.find((code) => code !== 0) ?? 0;
}

/** The same for all of them at once. */
export async function invokeTogether(
  terminal: Terminal,
  command: Command,
  work: (all: readonly [Invocation, ...Invocation[]]) => Promise<number>,
  calling: Calling = {},
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const { projects, ...settings } = await openProjects(terminal, flagsOf(options, calling), calling);
  const [first, ...others] = projects;
  const invocationOf = (project: LocalProject): Invocation => {
    const named = namedIn(options, projects, project);
    const name = namedFrom(terminal, settings, named, project);
    const remoteNamed = namedFor(terminal, settings, project);
    const output = outputOf(terminal, named, name);
    return { ...settings, project, at: project, remoteNamed, siblings: projects.length, terminal, name, output };
  };
  const all = [invocationOf(first), ...others.map(invocationOf)] as const;
  try {
    process.exitCode = await work(all);
  } catch (error) {
    const said = await orElsewhere(error, first, { ...settings, cwd: terminal.cwd });
    throw projects.length === 1 ? withNamedCommands(systemProblem(said), all[0].name) : said;
  } finally {
    for (const { output } of all) output.done();
  }
}

/** What a call prints that says this of each of its databases. */
export function textOfEach(
  each: readonly (Invocation & { readonly document: object; readonly text: string; readonly words: string })[],
): { readonly stdout: string; readonly stderr: string } {
  const stderr = each.map(({ output, words }) => output.wordsOf(words)).join('');
  const [first] = each;
  if (first === undefined) return { stdout: '', stderr };
  const { output, document, text } = first;
  if (each.length === 1) return { stdout: output.textOf(document, text), stderr };
  const documents = Object.fromEntries(each.map(({ project, document }) => [project.identity.name, document]));
  const texts = each.flatMap(({ project, text }) => [headingOf(project, output), text]).join('\n');
  return { stdout: output.textOf({ databases: documents }, texts), stderr };
}

export const headingOf = ({ identity, database }: Project, { paint }: Pick<Output, 'paint'>): string =>
  `${paint.bold(identity.name)}  ${paint.dim(identity.path ?? database.label)}`;

const flagsOf = ({ db, dir }: GlobalOptions, { defaults }: Calling): Config => ({
  ...defaults,
  ...(db === undefined ? {} : { db }),
  ...(dir === undefined ? {} : { dir }),
});

/** Among several, commands that are recommended name the one that they are about. */
const namedIn = (options: GlobalOptions, projects: readonly Project[], { identity }: Project): GlobalOptions =>
  projects.length === 1 ? options : { ...options, db: identity.name };

/** What was typed, for one database. */
function askedOf({ argv }: Terminal, command: Command, db: string): Advised | undefined {
  const own = COMMAND_NAMES.find((name) => name === command.name());
  const at = argv.indexOf(command.name());
  return own && { calls: [{ own, args: ['--db', db, ...argv.slice(0, at), ...argv.slice(at + 1)] }] };
}

interface Running {
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
  readonly work: Work;
  readonly collect?: (document: unknown) => void;
}

type Outcome = { readonly code: number } | { readonly error: unknown };

async function runIn(
  opened: OpenedProject & Pick<Invocation, 'siblings'>,
  { terminal, options, work, collect }: Running,
): Promise<Outcome> {
  const { project } = opened;
  const name = namedFrom(terminal, opened, options, project);
  const output = outputOf(terminal, options, name, collect);
  try {
    const remoteNamed = namedFor(terminal, opened, project);
    const at = options.store === undefined ? project : onStore(project, await remoteNamed(options.store));
    return { code: (await work({ ...opened, at, remoteNamed, output, terminal, name })) ?? 0 };
  } catch (error) {
    const said =
      options.store === undefined ? await orElsewhere(error, project, { ...opened, cwd: terminal.cwd }) : error;
    return { error: withNamedCommands(systemProblem(said), name) };
  } finally {
    output.done();
  }
}

/** What puts the names of a call into the hints about one of its databases. */
export const namedFrom = (
  { cwd, env }: Terminal,
  { configFile, root }: Pick<OpenedProject, 'configFile' | 'root'>,
  { db, dir, store: elsewhere }: GlobalOptions,
  { store, database: { file } }: LocalProject,
): Namer =>
  namedCommands({
    db,
    dir,
    store: elsewhere,
    cwd,
    folder: store.path,
    configFile,
    root,
    isNoFile: file === undefined,
    file: file?.path,
    env,
  });

/** What is typed is meant from where it is typed. */
const namedFor =
  ({ env, cwd, stores }: Terminal, { dir }: Pick<OpenedProject, 'dir'>, project: LocalProject) =>
  (given: string): Promise<Remote> =>
    remoteNamed(
      project,
      given,
      {
        env,
        base: cwd,
        environment: project.environment,
        local: project.local,
        backups: dir,
        folder: project.store.path,
      },
      stores,
    );

export function outputOf(
  terminal: Terminal,
  options: GlobalOptions,
  name?: Namer,
  collect?: (document: unknown) => void,
): Output {
  const plain = options.color === false || (terminal.env.NO_COLOR ?? '') !== '' || terminal.env.TERM === 'dumb';
  return createOutput(
    {
      json: options.json === true,
      quiet: options.quiet === true,
      color: !plain && terminal.out.isTTY === true,
      columns: { out: columnsOf(terminal.out, terminal.env), err: columnsOf(terminal.err, terminal.env) },
      ...(name === undefined ? {} : { name }),
      ...(collect === undefined ? {} : { collect }),
    },
    terminal,
  );
}
