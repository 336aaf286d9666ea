import type { PackageManager } from './project-facts.ts';

export interface WorkflowSettings {
  /** The default branch. */
  readonly branch: string;
  readonly manager: PackageManager;
  /** The app's folder from the top of the repository; empty at the top. */
  readonly folder: string;
}

const INSTALL: Record<PackageManager, string> = {
  npm: 'npm ci',
  pnpm: 'pnpm install --frozen-lockfile',
  yarn: 'yarn install --immutable',
  bun: 'bun install --frozen-lockfile',
};

/** How each starts a program that the project has installed. */
const START: Record<PackageManager, string> = { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn', bun: 'bunx' };

const PREPARE: Record<PackageManager, readonly string[]> = {
  npm: [],
  pnpm: ['      - run: corepack enable'],
  yarn: ['      - run: corepack enable'],
  bun: ['      - uses: oven-sh/setup-bun@v2'],
};

/** The workflow that runs when something is pushed to the default branch. */
export function workflowFile({ branch, manager, folder }: WorkflowSettings): string {
  const inside = folder === '' ? [] : ['    defaults:', '      run:', `        working-directory: ${text(folder)}`];
  return `${[
    'name: overwinter',
    'on:',
    '  push:',
    `    branches: [${text(branch)}]`,
    '  workflow_dispatch:',
    'permissions:',
    '  contents: write',
    'concurrency:',
    '  group: overwinter',
    'jobs:',
    '  backup:',
    '    runs-on: ubuntu-latest',
    ...inside,
    '    steps:',
    '      - uses: actions/checkout@v4',
    '        with:',
    '          fetch-depth: 0',
    ...PREPARE[manager],
    '      - uses: actions/setup-node@v4',
    '        with:',
    '          node-version: 22',
    `      - run: ${INSTALL[manager]}`,
    `      - run: ${START[manager]} overwinter ci`,
  ].join('\n')}\n`;
}

/** A JSON string is a YAML string. */
const text = (value: string) => JSON.stringify(value);
