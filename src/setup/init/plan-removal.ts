import { basename, join } from 'node:path';
import { blockIn, withoutBlock } from './block.ts';
import { jsonConfig, typescriptConfig, withoutFindings } from './config-text.ts';
import { HOOKS, withoutHook } from './hook-files.ts';
import { lefthookBlocks } from './lefthook.ts';
import { type FileEdit, type GitSetting, type Note, onlyChanges, type Plan } from './plan.ts';
import { blockName, GIT_KEYS, workflowPaths } from './plan-init.ts';
import type { ProjectFacts } from './project-facts.ts';
import { isSealed } from './seal.ts';
import { withoutCommands } from './simple-git-hooks.ts';

/** Takes out what `init` put in, wherever it may have put it, and nothing else. Backups and snapshots stay. */
export function planRemoval(facts: ProjectFacts): Plan {
  const name = blockName(facts);
  const edits = [...facts.files].map(([path, before]) => ({
    path,
    what: '',
    before,
    after: without(facts, name, path),
  }));
  // Git's configuration serves every app of the repository.
  const shared = edits.some(({ after }) => after !== undefined && /^ *# >>> overwinter .+ >>>/m.test(after));
  const keys = shared ? [] : GIT_KEYS;
  const settings = keys.map((key): GitSetting => ({ key, before: facts.gitConfig.get(key), after: undefined }));
  const plan = onlyChanges({ edits: edits.map(named), settings, notes: [] });
  return { ...plan, notes: leftOver(facts, plan.edits) };
}

const named = (edit: FileEdit): FileEdit => ({
  ...edit,
  what: edit.after === undefined ? 'made by init' : 'as it was before init',
});

/** What a file is without Overwinter; undefined where it goes. */
function without(facts: ProjectFacts, name: string, path: string): string | undefined {
  const text = facts.files.get(path) ?? '';
  const file = basename(path);
  if (file === '.gitignore' || file === '.gitattributes') return withoutBlock(text, 'overwinter');
  if (HOOKS.some((verb) => verb === file)) return withoutHook(text, name);
  if (file === 'package.json') return withoutCommands(text, facts.under);
  if (Object.values(workflowPaths(facts)).includes(path)) return isSealed(text) ? undefined : text;
  if (file.startsWith('overwinter.config.')) return isGenerated(text) ? undefined : text;
  const rest = lefthookBlocks(name).reduce((all, block) => withoutBlock(all, block) ?? '', text);
  return blockIn(rest, name) === undefined ? rest : withoutBlock(rest, name);
}

/** Whether `init` would write it so for the settings that stand in it. */
function isGenerated(text: string): boolean {
  const plain = withoutFindings(text.replaceAll('\r\n', '\n'));
  const setting = (key: string) => {
    const value = new RegExp(`^\\s*"?${key}"?: (?:"(.*)"|'(.*)'),?$`, 'm').exec(plain);
    return (value?.[1] ?? value?.[2])?.replace(/\\(.)/g, '$1');
  };
  const found = {
    db: setting('db') ?? '',
    dir: setting('dir') ?? 'backups',
    file: undefined,
    isSqlite: true,
    others: [],
  };
  return [typescriptConfig(found), jsonConfig(found)].includes(plain);
}

/** What was made by `init` and then changed by hand is the user's. */
function leftOver(facts: ProjectFacts, edits: readonly FileEdit[]): Note[] {
  const own = [
    ...Object.values(workflowPaths(facts)),
    ...['ts', 'json'].map((end) => join(facts.root, `overwinter.config.${end}`)),
  ];
  const kept = own.filter((path) => facts.files.has(path) && !edits.some((edit) => edit.path === path));
  return kept.map((path) => ({ text: `${path} was edited, so it stays. To remove it:`, lines: [`rm ${path}`] }));
}
