import { relative } from 'node:path';
import { type Command, commandText, inTurn, program } from '../../core/hint.ts';
import { type PackageManager, startedBy } from '../../project/package-manager.ts';
import { detectHookSystem } from './hook-system.ts';
import type { Note } from './plan.ts';
import type { ProjectFacts, Wishes } from './project-facts.ts';
import { isAtAddress } from './wishes.ts';

const ADD: Record<PackageManager, Command> = {
  npm: program('npm', 'install', 'overwinter'),
  pnpm: program('pnpm', 'add', 'overwinter', '--allow-build=better-sqlite3'),
  yarn: program('yarn', 'add', 'overwinter'),
  bun: program('bun', 'add', 'overwinter'),
};

const LET_YARN_BUILD = program('npm', 'pkg', 'set', '--json', 'dependenciesMeta.better-sqlite3.built=true');

/** How this project adds Overwinter, with what it takes to have the native part of better-sqlite3 built. */
export function addCommand({ manager, modernYarn }: ProjectFacts): Command {
  return manager === 'yarn' && modernYarn ? inTurn(LET_YARN_BUILD, ADD.yarn) : ADD[manager];
}

/** What only the user can do, or should know, whatever runs the hooks. */
export function gatherNotes(facts: ProjectFacts, wishes: Wishes): Note[] {
  const { db, dir, file, configFile } = wishes;
  const notes: Note[] = [];
  if (facts.top === undefined) {
    const text = 'This is no git repository yet, so there are no hooks. Make one, and run init again:';
    notes.push({ text, lines: ['git init', `${startedBy(facts.manager)} init`] });
  }
  if (!facts.installed)
    notes.push({ text: 'Overwinter is not installed in this project yet:', lines: [commandText(addCommand(facts))] });
  if (facts.plugAndPlay) {
    const text = "Yarn's Plug'n'Play has no node_modules, and hooks look there. In .yarnrc.yml:";
    notes.push({ text, lines: ['nodeLinker: node-modules'] });
  }
  if (facts.remote !== undefined && !facts.remote.includes('github')) {
    const text = `No workflow was written, because ${facts.remote} is not GitHub. Have its CI run on every push:`;
    notes.push({ text, lines: [`${startedBy(facts.manager)} ci`] });
  } else if (wishes.addressIn !== undefined) {
    const text = `The workflow that saves production every night waits for its address:`;
    notes.push({ text, lines: [`gh secret set ${wishes.addressIn}`] });
  } else if (isAtAddress(wishes)) {
    const text =
      'No workflow was written: in CI nothing answers at the address of a database, unless somebody provides it.';
    notes.push({ text });
  }
  if (file === undefined && configFile === undefined) {
    const variable = db.replace('env:', '');
    const text = `The database is the one that ${variable} names. On other machines, and for the hook, the address stands in .env, which git must not see:`;
    notes.push({ text, lines: [`${variable}=…`] });
  }
  for (const tracked of facts.tracked.map((each) => relative(facts.root, each))) {
    const text = `${tracked} is tracked by git: every version of it stays in history. To take it out, and keep the file:`;
    notes.push({ text, lines: [`git rm --cached ${tracked}`] });
  }
  if (facts.backupsIgnored) {
    const text = `A .gitignore hides ${relative(facts.root, dir)}. The hook adds backups all the same, but 'git status' does not show them.`;
    notes.push({ text });
  }
  if (file !== undefined && relative(facts.root, file.path).startsWith('..'))
    notes.push({ text: `${file.path} is outside of the project: no .gitignore was written for it.` });
  if (detectHookSystem(facts).kind === 'husky' && facts.under !== '' && facts.hooksPath === undefined)
    notes.push({ text: 'husky runs only from the folder that holds .git: start it there.' });
  return notes;
}
