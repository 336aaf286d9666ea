import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

const LOCKS: readonly (readonly [string, PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['pnpm-workspace.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
];

/** Which one a project uses, as its manifest or else its lockfile says; `folders` are the app's and those above it, nearest first. */
export function managerOf(folders: readonly string[]): PackageManager {
  const said = folders.map((folder) => manifestIn(folder)?.packageManager).find((each) => typeof each === 'string');
  const named = MANAGERS.find((manager) => String(said).startsWith(`${manager}@`));
  return named ?? LOCKS.find(([lock]) => folders.some((folder) => existsSync(join(folder, lock))))?.[1] ?? 'npm';
}

const MANAGERS: readonly PackageManager[] = ['npm', 'pnpm', 'yarn', 'bun'];

const RUN: Record<PackageManager, string> = { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn', bun: 'bunx' };

/** What starts Overwinter where a package manager installed it. */
export const startedBy = (manager: PackageManager): string => `${RUN[manager]} overwinter`;

/** The same for a project as it is: where it does not have it, Overwinter is one of the machine's own programs. */
export function startedIn(root: string): string {
  const folders = upwards(root);
  return folders.some(hasOverwinter) ? startedBy(managerOf(folders)) : 'overwinter';
}

/** As far as the top of the work tree. */
function upwards(root: string): string[] {
  const folders: string[] = [];
  for (let at = root; ; at = dirname(at)) {
    folders.push(at);
    if (existsSync(join(at, '.git'))) return folders;
    if (dirname(at) === at) return [root];
  }
}

/** Whether a project is written in TypeScript, as far as its top. */
export const isOfTypeScript = (root: string): boolean =>
  upwards(root).some((folder) => {
    const { dependencies, devDependencies } = manifestIn(folder) ?? {};
    const depends = 'typescript' in Object(dependencies) || 'typescript' in Object(devDependencies);
    return depends || existsSync(join(folder, 'tsconfig.json'));
  });

function hasOverwinter(folder: string): boolean {
  const { dependencies, devDependencies } = manifestIn(folder) ?? {};
  return (
    'overwinter' in Object(dependencies) ||
    'overwinter' in Object(devDependencies) ||
    existsSync(join(folder, 'node_modules', 'overwinter'))
  );
}

interface SomeManifest {
  readonly packageManager?: unknown;
  readonly dependencies?: unknown;
  readonly devDependencies?: unknown;
}

function manifestIn(folder: string): SomeManifest | undefined {
  try {
    const manifest: SomeManifest | null = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return manifest ?? undefined;
  } catch {
    // None, or one that its owner is still writing.
    return undefined;
  }
}
