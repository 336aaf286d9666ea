import { join } from 'node:path';
import { MERGE_DRIVER } from '../../commit/merge-driver.ts';
import { usualName } from '../../core/identity.ts';
import { withBlock } from './block.ts';
import { configInWords, jsonConfig, typescriptConfig } from './config-text.ts';
import { EMPTY_PLAN, type FileEdit, type GitSetting, joinPlans, onlyChanges, type Plan } from './plan.ts';
import { planHooks } from './plan-hooks.ts';
import { gatherNotes } from './plan-notes.ts';
import type { ProjectFacts, Wishes } from './project-facts.ts';
import { isSealed, seal } from './seal.ts';
import { mergeCommand, NODE_PATH_KEY } from './shell.ts';
import { inside, isAtAddress } from './wishes.ts';
import { productionFile, pullRequestFile, scheduleFile, type WorkflowSettings, workflowFile } from './workflow.ts';

/** All that `init` does to a project. What is so already is not in it. */
export function planInit(facts: ProjectFacts, wishes: Wishes): Plan {
  const name = blockName(facts);
  const settings = facts.top === undefined ? [] : gitSettings(facts);
  const edits = [
    configEdit(facts, wishes),
    ignoreEdit(facts, wishes),
    attributesEdit(facts, wishes),
    ...workflowEdits(facts, wishes),
  ];
  return onlyChanges(
    joinPlans({ edits: edits.flatMap((edit) => edit ?? []), settings, notes: [] }, planHooks(facts, name), {
      ...EMPTY_PLAN,
      notes: gatherNotes(facts, wishes),
    }),
  );
}

/** Files at the top may hold the blocks of several apps. */
export const blockName = ({ under }: ProjectFacts) => (under === '' ? 'overwinter' : `overwinter ${under}`);

function configEdit(
  { root, typescript, files }: ProjectFacts,
  { dir, configFile, ...wished }: Wishes,
): FileEdit | undefined {
  if (configFile !== undefined) return undefined;
  const found = { ...wished, dir: inside(root, dir) ?? dir };
  const path = join(root, typescript ? 'overwinter.config.ts' : 'overwinter.config.json');
  const after = typescript ? typescriptConfig(found) : jsonConfig(found);
  return { path, what: configInWords(found), before: files.get(path), after };
}

function ignoreEdit({ root, files }: ProjectFacts, wishes: Wishes): FileEdit | undefined {
  const patterns = [wishes, ...wishes.others].flatMap(({ file }) => {
    const from = file && inside(root, file.path);
    if (file === undefined || from === undefined) return [];
    const pattern = `/${from.replace(/[\\*?[\]!#]/g, '\\$&').replace(/ $/, '\\ ')}`;
    return [['', ...file.besides].map((end) => pattern + end)];
  });
  if (patterns.length === 0) return undefined;
  const lines = patterns.flat();
  const path = join(root, '.gitignore');
  const before = files.get(path);
  return {
    path,
    what: patterns.length === 1 ? 'the database stays out of git' : 'the databases stay out of git',
    before,
    after: withBlock(before, { name: 'overwinter', lines }),
  };
}

function attributesEdit({ root, files }: ProjectFacts, { dir, others }: Wishes): FileEdit | undefined {
  const from = inside(root, dir);
  if (from === undefined) return undefined;
  const folders = [from, ...others.map(({ name, db }) => `${from}/${name ?? usualName(db)}`)];
  const lines = folders
    .map((folder) => `${folder}/latest_backup.json`)
    .map((pattern) => `${/[\s"]/.test(pattern) ? JSON.stringify(pattern) : pattern} merge=${MERGE_DRIVER}`);
  const path = join(root, '.gitattributes');
  const before = files.get(path);
  return { path, what: 'how backups merge', before, after: withBlock(before, { name: 'overwinter', lines }) };
}

/** Where the workflows are; every app of a repository has its own. */
export function workflowPaths({ top, root, under }: ProjectFacts) {
  const name = under === '' ? 'overwinter' : `overwinter-${under.replace(/[^A-Za-z0-9_-]+/g, '-')}`;
  const at = (end: string) => join(top ?? root, '.github/workflows', `${name}${end}.yml`);
  return { push: at(''), check: at('-check'), pullRequest: at('-pull-request'), production: at('-production') };
}

function workflowEdits(facts: ProjectFacts, wishes: Wishes): (FileEdit | undefined)[] {
  // Nothing answers there at an address, until somebody says what.
  const { addressIn } = wishes;
  if (isAtAddress(wishes) && addressIn === undefined) return [];
  if (facts.remote !== undefined && !facts.remote.includes('github')) return [];
  const settings: WorkflowSettings = {
    packageManager: facts.manager,
    defaultBranch: facts.branch ?? 'main',
    branch: 'same',
    ...(facts.under === '' ? {} : { folder: facts.under }),
    ...(addressIn === undefined ? {} : { addressIn }),
  };
  const { push, check, pullRequest, production } = workflowPaths(facts);
  return [
    workflowEdit(facts, push, 'a backup on every push', workflowFile(settings)),
    workflowEdit(facts, check, 'a look every day whether backups still come', scheduleFile(settings)),
    workflowEdit(facts, pullRequest, 'what a pull request does to the rows', pullRequestFile(settings)),
    addressIn === undefined
      ? undefined
      : workflowEdit(facts, production, "production's rows every night", productionFile(settings, addressIn)),
  ];
}

function workflowEdit({ files }: ProjectFacts, path: string, what: string, text: string): FileEdit | undefined {
  const before = files.get(path);
  // Whoever edited it wants it as it is.
  if (before !== undefined && !isSealed(before)) return undefined;
  const after = seal(text);
  return { path, what, before, after: isSame(before, after) ? before : after };
}

const isSame = (a: string | undefined, b: string) => a?.replaceAll('\r\n', '\n') === b;

export const MERGE_KEY = `merge.${MERGE_DRIVER}.driver`;
export const GIT_KEYS = [`merge.${MERGE_DRIVER}.name`, MERGE_KEY, NODE_PATH_KEY];

function gitSettings({ gitConfig, nodeFolder, program }: ProjectFacts): GitSetting[] {
  // The node that was there at first is kept: a driver that changes with every run would be no peace.
  const node = gitConfig.get(NODE_PATH_KEY) ?? nodeFolder;
  const wanted = ['Overwinter: the newer backup wins', mergeCommand(program, node), node];
  return GIT_KEYS.map((key, i) => ({ key, before: gitConfig.get(key), after: wanted[i] }));
}
