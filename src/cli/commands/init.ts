import { relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Config } from '../../core/config.ts';
import { emptiness, type Light, worstOf } from '../../core/decide.ts';
import { OverwinterError } from '../../core/errors.ts';
import { type Hint, hint, type Namer } from '../../core/hint.ts';
import { publicRemote } from '../../core/problems/git.ts';
import { initNeedsDatabase } from '../../core/problems/usage.ts';
import { githubRepository } from '../../core/public-remote.ts';
import { printable } from '../../core/visible.ts';
import { count } from '../../core/words.ts';
import { driver } from '../../engines/index.ts';
import { openRepository } from '../../git/repository.ts';
import { projectRoot } from '../../local/place.ts';
import { rememberReaders } from '../../local/readers.ts';
import { type BackupResult, backup } from '../../operations/backup.ts';
import { readCatalog } from '../../operations/catalog.ts';
import type { LocalProject, Project } from '../../operations/project.ts';
import { status } from '../../operations/status.ts';
import { databasesHere, projectsHere } from '../../project/databases-here.ts';
import { fileNotes } from '../../project/files-words.ts';
import { mustNotBeKeptAbove } from '../../project/kept-above.ts';
import { openProjects } from '../../project/open-project.ts';
import { leftOutLine, privacyNotes } from '../../project/privacy-words.ts';
import { readersOf } from '../../setup/doctor/gather.ts';
import { apply } from '../../setup/init/apply.ts';
import { type Chosen, chooseDatabases } from '../../setup/init/choose-databases.ts';
import { startLines } from '../../setup/init/first-steps.ts';
import type { FileEdit, GitSetting, Note, Plan } from '../../setup/init/plan.ts';
import { planInit } from '../../setup/init/plan-init.ts';
import { planRemoval } from '../../setup/init/plan-removal.ts';
import type { WishedDatabase } from '../../setup/init/project-facts.ts';
import { survey } from '../../setup/init/survey.ts';
import { wholeProject } from '../../setup/init/whole-project.ts';
import { wishesOf } from '../../setup/init/wishes.ts';
import { chainLines, toldChain } from '../chain-lines.ts';
import { headingOf, namedFrom, outputOf, type Terminal } from '../command.ts';
import { whole } from '../fit.ts';
import type { Output } from '../output.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly remove?: boolean;
  readonly db?: string;
  readonly dir?: string;
}

export function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('set a project up: configuration, hooks, workflow, .gitignore, .gitattributes')
    .option('-n, --dry-run', 'show what would change, and change nothing')
    .option('--remove', 'take out exactly what init put in; backups stay')
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter init
  $ overwinter init --db data/app.db
  $ overwinter init --dry-run
  $ overwinter init --remove

A second run changes nothing. Whatever stands in a file besides the marked block stays as it is.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const output = outputOf(terminal, options);
      try {
        await (options.remove ? remove(terminal, options, output) : init(terminal, options, output));
      } finally {
        output.done();
      }
    });
}

async function init(terminal: Terminal, options: Options, output: Output): Promise<void> {
  const chosen = await openOrAsk(terminal, options);
  const { opened: found } = chosen;
  const [firstFound, ...othersFound] = found.projects;
  const { root } = found;
  for (const { database } of found.projects)
    if (database.file !== undefined) await mustNotBeKeptAbove({ ...terminal, root }, database.file.path);
  sayChosen(chosen, terminal.cwd, output);
  const whole = await wholeProject(terminal, flagsOf(options), found);
  const databases = whole.projects.flatMap(({ database }) => database.file?.path ?? []);
  const facts = await survey(terminal, { root, databases, dir: whole.projects[0].store.path });
  const wishes = await wishesOf(whole, facts);
  // What the new configuration says holds from now on.
  const first = asWished(firstFound, wishes.privacy);
  const others = othersFound.map((each, at) => asWished(each, wishes.others[at]?.privacy));
  const plan = planInit(facts, wishes);
  const notes = [...plan.notes, ...startLines(facts, wishes, found.which.variable)];
  // The configuration names the database from now on, and tells several apart.
  const nameOf = (project: LocalProject): Namer =>
    namedFrom(terminal, found, others.length === 0 ? {} : { db: project.identity.name }, project);
  const named = ({ file, db }: WishedDatabase) => file?.path ?? db;
  const several = wishes.others.length === 0 ? {} : { databases: [wishes, ...wishes.others].map(named) };
  const document = { root, db: named(wishes), ...several, ...documentOf(plan), notes };
  if (options.dryRun) {
    output.result(
      { ...document, dryRun: true },
      [...stepsOf(plan, terminal.cwd), ...notes.flatMap(noteLines)].join('\n'),
    );
    return;
  }
  // A hook that could save nothing is worse than none.
  await driver.mustRun();
  await carryOut(terminal, facts.top ?? root, plan, output);
  const saved: (BackupResult | null)[] = [];
  for (const project of [first, ...others]) saved.push(await firstBackup(project, output, nameOf(project)));
  // Asked here, once, and not in the hook, where nobody waits for a network.
  const readers = await readersOf(facts.remote, false);
  if (readers !== undefined) rememberReaders(first.local, facts.remote, readers.who);
  if (readers?.who === 'anyone' && first.publicRemote !== 'allow') output.warn(nameOf(first)(sayPublic(facts.remote)));
  const lines: string[] = [];
  const lights: Light[] = [];
  for (const project of [first, ...others]) {
    const { light, chain } = await status(project);
    lights.push(light);
    const heading = others.length === 0 ? [] : [headingOf(project, output)];
    lines.push('', ...heading, ...chainLines(toldChain(chain, nameOf(project)), output, project.now()));
  }
  const [backup = null] = saved;
  const backups = others.length === 0 ? {} : { backups: saved };
  output.result(
    { ...document, backup, ...backups, status: worstOf(lights) },
    [...notes.flatMap(noteLines), ...lines].join('\n'),
  );
}

const asWished = (project: LocalProject, privacy: Project['privacy']): LocalProject =>
  privacy === undefined ? project : { ...project, privacy };

function sayChosen(
  { opened: { projects }, by, isTaken, leftOut, leftBelow }: Chosen,
  cwd: string,
  output: Output,
): void {
  const files = projects.map(({ database: { file, label } }) =>
    file === undefined ? label : relative(cwd, file.path),
  );
  if (by !== undefined) output.say(`The database is ${files.join(', ')}, as ${by} says.`);
  if (isTaken) output.say(`Found ${files.length} databases, and keeps them all: ${files.join(', ')}.`);
  if (leftOut.length > 0)
    output.warn(
      `Not kept: ${leftOut.join(', ')}. If it is the app's too, list it under 'databases' in the configuration.`,
    );
  if (leftBelow.length > 0)
    output.warn(`Not kept here: the databases in ${leftBelow.join(', ')}, which are projects of their own.`);
}

async function remove(terminal: Terminal, options: Options, output: Output): Promise<void> {
  const root = projectRoot(terminal.cwd);
  const facts = await survey(terminal, { root });
  const plan = planRemoval(facts);
  const document = { root, ...documentOf(plan), notes: plan.notes };
  if (options.dryRun) {
    output.result(
      { ...document, dryRun: true },
      [...stepsOf(plan, terminal.cwd), ...plan.notes.flatMap(noteLines)].join('\n'),
    );
    return;
  }
  await carryOut(terminal, facts.top ?? root, plan, output);
  output.say('Backups and snapshots are as they were.');
  output.result(document, plan.notes.flatMap(noteLines).join('\n'));
}

const flagsOf = ({ db, dir }: Options): Config => ({
  ...(db === undefined ? {} : { db }),
  ...(dir === undefined ? {} : { dir }),
});

/** The project, asking for its databases where that cannot be found out and somebody is there to answer. */
async function openOrAsk(terminal: Terminal, options: Options): Promise<Chosen> {
  const flags = flagsOf(options);
  const root = projectRoot(terminal.cwd);
  try {
    return await chooseDatabases(terminal, flags, root, (files) => askWhich(terminal, files));
  } catch (error) {
    if (!(error instanceof OverwinterError) || error.code !== 'USAGE') throw error;
    // Nothing is to be named here: they are kept elsewhere.
    const here = databasesHere(root);
    if (here.length === 0 && projectsHere(root).length > 0) throw error;
    for (const file of here) await mustNotBeKeptAbove({ ...terminal, root }, file);
    const answer = await ask(terminal, `${error.message} Which file is it, or will it be? (data/app.db) `);
    if (answer === undefined) throw initNeedsDatabase(error.message)(error);
    return {
      opened: await openProjects(terminal, { ...flags, db: answer || 'data/app.db' }),
      leftOut: [],
      leftBelow: [],
    };
  }
}

async function askWhich(terminal: Terminal, files: readonly string[]): Promise<readonly string[] | undefined> {
  const list = files.map((file, at) => `  ${at + 1}  ${file}`).join('\n');
  const answer = await ask(
    terminal,
    printable(`Databases are here:\n${list}\nWhich are to be kept? (all, or numbers as in 1,3) `),
  );
  if (answer === undefined) return undefined;
  if (answer === '' || answer === 'all') return files;
  const wanted = answer.split(/[\s,]+/);
  return files.filter((file, at) => wanted.includes(String(at + 1)) || wanted.includes(file));
}

async function ask(terminal: Terminal, question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !terminal.err.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: terminal.err });
  try {
    return (await lines.question(question)).trim();
  } finally {
    lines.close();
  }
}

async function carryOut(terminal: Terminal, top: string, plan: Plan, output: Output): Promise<void> {
  if (plan.edits.length + plan.settings.length === 0) output.say('Nothing to change.');
  const repository = await openRepository(top, terminal.env);
  await apply(plan, top, repository, (step) => output.say(stepLine(step, terminal.cwd)));
}

/** Where there is data and no backup, the first one is made now: what is set up is then seen to work. */
async function firstBackup(project: Project, output: Output, name: Namer): Promise<BackupResult | null> {
  const state = await project.database.state(project.ignoreTables);
  const empty = emptiness(state);
  // One that is not there yet is an app's that never ran; one that is there may have lost what it held.
  if (empty !== undefined && state.kind !== 'missing')
    output.warn(`Nothing was saved of ${project.database.label}: ${empty}.`);
  if (empty !== undefined) return null;
  const { entries, unreadable } = await readCatalog(project.store);
  if (entries.length + unreadable.length > 0) return null;
  const saved = await backup(project, { trigger: 'init', onProgress: output.progress });
  output.say(`Saved ${count(saved.rows, 'row')} as ${saved.name}; the next commit carries it.`);
  const left = leftOutLine(saved);
  if (left !== undefined) output.say(left);
  for (const note of [...privacyNotes(saved, project.privacy).map(name), ...fileNotes(saved)]) output.warn(note);
  return saved;
}

function sayPublic(remote: string | undefined): Hint {
  const repository = githubRepository(remote) ?? 'the repository';
  return hint`Everybody can read ${repository}: no backup will be committed or pushed there. ${publicRemote(repository)().hintPieces}`;
}

const stepsOf = (plan: Plan, cwd: string) => [...plan.edits, ...plan.settings].map((step) => stepLine(step, cwd));

function stepLine(step: FileEdit | GitSetting, cwd: string): string {
  const verb = step.before === undefined ? 'create' : step.after === undefined ? 'remove' : 'change';
  if ('key' in step) return `  ${verb.replace('create', 'set   ')}  ${step.key} in git's configuration`;
  const path = relative(cwd, resolve(step.path));
  return `  ${verb}  ${path}${step.what === '' ? '' : `  (${step.what})`}`;
}

const noteLines = ({ text, lines }: Note) => ['', text, ...(lines ?? []).map((line) => `    ${whole(line)}`)];

function documentOf({ edits, settings }: Plan): { readonly changes: unknown; readonly git: unknown } {
  const action = ({ before, after }: FileEdit | GitSetting) =>
    before === undefined ? 'create' : after === undefined ? 'remove' : 'change';
  return {
    changes: edits.map((edit) => ({ action: action(edit), path: edit.path, what: edit.what })),
    git: settings.map((setting) => ({ action: action(setting), key: setting.key, value: setting.after ?? null })),
  };
}
