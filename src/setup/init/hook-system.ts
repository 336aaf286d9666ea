import { basename, dirname, join, relative } from 'node:path';
import type { ProjectFacts } from './project-facts.ts';

/** What runs a project's hooks, and where it is told so. */
export type HookSystem =
  | { readonly kind: 'none' }
  /** A folder of shell scripts: husky's, one that `core.hooksPath` names, or git's own. */
  | { readonly kind: 'husky' | 'hooks-path' | 'git'; readonly folder: string }
  /** A folder of scripts that is not the project's to change. */
  | { readonly kind: 'foreign-folder'; readonly folder: string }
  | { readonly kind: 'lefthook' | 'simple-git-hooks' | 'pre-commit.com'; readonly file: string };

const LEFTHOOK_FILES = ['lefthook.yml', 'lefthook.yaml', '.lefthook.yml', '.lefthook.yaml'];
const OTHER_LEFTHOOK_FILES = ['lefthook.toml', 'lefthook.json', '.lefthook.toml', '.lefthook.json'];
const PRE_COMMIT_FILE = '.pre-commit-config.yaml';
const SIMPLE_FILES = [
  '.simple-git-hooks.json',
  '.simple-git-hooks.js',
  '.simple-git-hooks.cjs',
  '.simple-git-hooks.mjs',
];

/** Every file at the top that tells which system is in use. */
export const HOOK_FILES = [...LEFTHOOK_FILES, ...OTHER_LEFTHOOK_FILES, PRE_COMMIT_FILE, ...SIMPLE_FILES];

export function detectHookSystem(facts: ProjectFacts): HookSystem {
  const base = facts.top ?? facts.root;
  const { hooksPath, hooksFolder } = facts;
  const configured = hooksPath === undefined ? undefined : hooksFolder;
  // husky has git look into a folder `_` beside the scripts; before its version 9 it was the folder itself.
  if (configured !== undefined && basename(configured) === '_') return { kind: 'husky', folder: dirname(configured) };
  if (configured !== undefined && basename(configured) === '.husky') return { kind: 'husky', folder: configured };
  const at = (names: readonly string[]) => names.map((name) => join(base, name)).find((path) => facts.files.has(path));
  const lefthook = at([...LEFTHOOK_FILES, ...OTHER_LEFTHOOK_FILES]);
  if (lefthook !== undefined) return { kind: 'lefthook', file: lefthook };
  const simple = facts.manifests.find(({ keys }) => keys.has('simple-git-hooks'))?.path ?? at(SIMPLE_FILES);
  if (simple !== undefined) return { kind: 'simple-git-hooks', file: simple };
  const preCommit = at([PRE_COMMIT_FILE]);
  if (preCommit !== undefined) return { kind: 'pre-commit.com', file: preCommit };
  if (configured !== undefined)
    return { kind: isInside(base, configured) ? 'hooks-path' : 'foreign-folder', folder: configured };
  const husky = facts.manifests.find(({ dependencies }) => dependencies.has('husky'));
  if (husky !== undefined) return { kind: 'husky', folder: join(dirname(husky.path), '.husky') };
  return hooksFolder === undefined ? { kind: 'none' } : { kind: 'git', folder: hooksFolder };
}

function isInside(folder: string, path: string): boolean {
  const from = relative(folder, path);
  return from !== '' && !from.startsWith('..');
}
