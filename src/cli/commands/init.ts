import { relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Config } from '../../core/config.ts';
import { emptiness } from '../../core/decide.ts';
import { OverwinterError } from '../../core/errors.ts';
import { publicRemote } from '../../core/problems/git.ts';
import { initNeedsDatabase } from '../../core/problems/usage.ts';
import { githubRepository } from '../../core/public-remote.ts';
import { count } from '../../core/words.ts';
import { openRepository } from '../../git/repository.ts';
import { projectRoot } from '../../local/place.ts';
import { rememberReaders } from '../../local/readers.ts';
import { type BackupResult, backup } from '../../operations/backup.ts';
import { readCatalog } from '../../operations/catalog.ts';
import type { Project } from '../../operations/project.ts';
import { status } from '../../operations/status.ts';
import { openProject } from '../../project/open-project.ts';
import { leftOutLine, privacyNotes } from '../../project/privacy-words.ts';
import { readersOf } from '../../setup/doctor/gather.ts';
import { apply } from '../../setup/init/apply.ts';
import { type Chosen, chooseDatabase } from '../../setup/init/choose-database.ts';
import { startLines } from '../../setup/init/first-steps.ts';
import type { FileEdit, GitSetting, Note, Plan } from '../../setup/init/plan.ts';
import { planInit } from '../../setup/init/plan-init.ts';
import { planRemoval } from '../../setup/init/plan-removal.ts';
import { survey } from '../../setup/init/survey.ts';
import { wishesOf } from '../../setup/init/wishes.ts';
import { chainLines } from '../chain-lines.ts';
import { outputOf, type Terminal } from '../command.ts';
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
  const { opened: found, by } = await openOrAsk(terminal, options);
  if (by !== undefined)
    output.say(`The database is ${relative(terminal.cwd, found.project.database.label)}, as ${by} says.`);
  const { root } = found;
  const facts = await survey(terminal, { root, db: found.project.database.label, dir: found.project.store.label });
  const wishes = await wishesOf(found, facts);
  // What the new configuration says holds from now on.
  const project = wishes.privacy === undefined ? found.project : { ...found.project, privacy: wishes.privacy };
  const plan = planInit(facts, wishes);
  const notes = [...plan.notes, ...startLines(facts, wishes, found.which.variable)];
  const document = { root, db: wishes.db, ...documentOf(plan), notes };
  if (options.dryRun) {
    output.result(
      { ...document, dryRun: true },
      [...stepsOf(plan, terminal.cwd), ...notes.flatMap(noteLines)].join('\n'),
    );
    return;
  }
  await carryOut(terminal, facts.top ?? root, plan, output);
  const saved = await firstBackup(project, output);
  // Asked here, once, and not in the hook, where nobody waits for a network.
  const readers = await readersOf(facts.remote, false);
  if (readers !== undefined) rememberReaders(project.local, facts.remote, readers.who);
  if (readers?.who === 'anyone' && project.publicRemote !== 'allow') output.warn(sayPublic(facts.remote));
  const { light, chain } = await status(project);
  output.result(
    { ...document, backup: saved, status: light },
    [...notes.flatMap(noteLines), '', ...chainLines(chain, output, project.now())].join('\n'),
  );
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

/** The project, asking for the database where that cannot be found out and somebody is there to answer. */
async function openOrAsk(terminal: Terminal, { db, dir }: Options): Promise<Chosen> {
  const flags: Config = { ...(db === undefined ? {} : { db }), ...(dir === undefined ? {} : { dir }) };
  try {
    return await chooseDatabase(terminal, flags, projectRoot(terminal.cwd));
  } catch (error) {
    if (!(error instanceof OverwinterError) || error.code !== 'USAGE') throw error;
    const answer = await ask(terminal, `${error.message} Which file is it, or will it be? (data/app.db) `);
    if (answer === undefined) throw initNeedsDatabase(error.message)(error);
    return { opened: await openProject(terminal, { ...flags, db: answer || 'data/app.db' }) };
  }
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
async function firstBackup(project: Project, output: Output): Promise<BackupResult | null> {
  if (emptiness(await project.database.state(project.ignoreTables)) !== undefined) return null;
  const { entries, unreadable } = await readCatalog(project.store);
  if (entries.length + unreadable.length > 0) return null;
  const saved = await backup(project, { trigger: 'init', onProgress: output.progress });
  output.say(`Saved ${count(saved.rows, 'row')} as ${saved.name}; the next commit carries it.`);
  const left = leftOutLine(saved);
  if (left !== undefined) output.say(left);
  for (const note of privacyNotes(saved, project.privacy)) output.warn(note);
  return saved;
}

function sayPublic(remote: string | undefined): string {
  const repository = githubRepository(remote) ?? 'the repository';
  return `Everybody can read ${repository}: no backup will be committed or pushed there. ${publicRemote(repository)().hint}`;
}

const stepsOf = (plan: Plan, cwd: string) => [...plan.edits, ...plan.settings].map((step) => stepLine(step, cwd));

function stepLine(step: FileEdit | GitSetting, cwd: string): string {
  const verb = step.before === undefined ? 'create' : step.after === undefined ? 'remove' : 'change';
  if ('key' in step) return `  ${verb.replace('create', 'set   ')}  ${step.key} in git's configuration`;
  const path = relative(cwd, resolve(step.path));
  return `  ${verb}  ${path}${step.what === '' ? '' : `  (${step.what})`}`;
}

const noteLines = ({ text, lines }: Note) => ['', text, ...(lines ?? []).map((line) => `    ${line}`)];

function documentOf({ edits, settings }: Plan): { readonly changes: unknown; readonly git: unknown } {
  const action = ({ before, after }: FileEdit | GitSetting) =>
    before === undefined ? 'create' : after === undefined ? 'remove' : 'change';
  return {
    changes: edits.map((edit) => ({ action: action(edit), path: edit.path, what: edit.what })),
    git: settings.map((setting) => ({ action: action(setting), key: setting.key, value: setting.after ?? null })),
  };
}
